"""The batch service in front of version 2 of the users API, whose own POST takes an array: the fast lane `bodies`."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.batch_service.processes import BatchService
from tests.users_service.api.users import IMPORTED
from tests.users_service.processes import UsersService

REGISTRY = """
[entities.users]
url = "{url}/v2/users"
headers = ["Accept-Language", "If-Match"]
batch = {{ path = "", max_items = 40, format = "bodies" }}
"""


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UsersService]:
    with UsersService(tmp_path_factory.mktemp("users")) as users:
        yield users


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, users: UsersService) -> Iterator[BatchService]:
    folder = tmp_path_factory.mktemp("batch")
    with BatchService(folder, f"sqlite:///{folder}/batch.db", REGISTRY.format(url=users.url)) as service:
        yield service


def results(service: BatchService, batch: list[Any]) -> list[Any]:
    answer = service.post("users", batch)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def item(name: str, **more: Any) -> dict[str, Any]:
    return {"body": {"username": name, "passwordHash": IMPORTED}, **more}


def test_items_travel_as_arrays(service: BatchService, users: UsersService) -> None:
    batch = [item(f"array {number:03}") for number in range(100)]
    batch[50] = {"body": {"username": "without a password"}}
    batch[60] = item("array 007")
    answered = results(service, batch)
    assert {result["responseCode"] for result in answered if result["responseCode"] != "201"} == {"400", "409"}
    assert answered[50]["responseBody"]["error"] == "Missing password"
    assert "409" in {answered[7]["responseCode"], answered[60]["responseCode"]}
    location = answered[0]["responseHeaders"]["Location"]
    assert location.startswith("/v2/users/")
    found = requests.get(f"{users.url}{location}", timeout=10).json()
    assert found == answered[0]["responseBody"]


def test_one_alone_goes_as_an_array_of_one(service: BatchService) -> None:
    alone, taken, bad = results(
        service,
        [
            item("alone", headers={"Accept-Language": "pt"}),
            item("array 000", headers={"Accept-Language": "pt"}),
            {"body": [5], "headers": {"Accept-Language": "pt"}},
        ],
    )
    assert (alone["responseCode"], taken["responseCode"], bad["responseCode"]) == ("201", "409", "400")
    assert bad["responseBody"]["code"] == "not_an_object"


def test_every_other_method_is_as_in_version_1(service: BatchService) -> None:
    (made,) = results(service, [item("changed")])
    path = f"/{made['responseBody']['userId']}"
    (patched,) = results(service, [{"method": "PATCH", "path": path, "body": {"locale": "pt"}, "headers": {"If-Match": '"1"'}}])
    assert patched["responseBody"]["locale"] == "pt"
    (found,) = results(service, [{"method": "GET", "query": {"username": "changed"}}])
    assert found["responseBody"]["users"] == [patched["responseBody"]]
    assert results(service, [{"method": "DELETE", "path": path}])[0]["responseCode"] == "204"
