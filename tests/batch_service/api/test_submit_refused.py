"""What refuses a batch as a whole: one problem document, and nothing is sent."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.batch_service.api.asking import Api, check_problem, good
from tests.batch_service.api.tiny_api import TinyApi

GOOD = json.dumps([good()]).encode()


@pytest.fixture(autouse=True)
def _nothing_is_sent(api: Api, target: TinyApi) -> Iterator[None]:
    sent, jobs = len(target.asked), api.get("jobs?limit=1")["jobs"]
    yield
    assert len(target.asked) == sent
    assert api.get("jobs?limit=1")["jobs"] == jobs


def post(client: FlaskClient, data: bytes, **options: Any) -> Any:
    return client.post("/v1/batch/things", data=data, **{"content_type": "application/json", **options})


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not JSON"),
        (b"nope", "not JSON"),
        (GOOD[:-1], "not JSON"),
        (GOOD + GOOD, "not JSON"),
        (b'[{"body": {"n": NaN}}]', "NaN"),
        (b'[{"body": {"n": -Infinity}}]', "Infinity"),
        (b'[{"body": {"n": 1e400}}]', "out of range"),
        (b'[{"body": {"n": ' + b"9" * 5_000 + b"}}]", "too many digits"),
        (b'[{"method": "GET", "method": "DELETE"}]', "stands twice"),
        (b'[{"body": {"a": 1, "a": 2}}]', "stands twice"),
        (b'[{"id": "\\ud800"}]', "lone surrogate"),
        (b'[{"id": "\xff"}]', "not UTF-8"),
        (b"\xef\xbb\xbf" + GOOD, "byte order mark"),
        (GOOD.decode().encode("utf-16"), "not UTF-8"),
        (GOOD.decode().encode("utf-16-be"), "not JSON"),
        (b'[{"body": ' + b"[" * 63 + b"]" * 63 + b"}]", "nested deeper"),
        (b"[" * 100_000 + b"]" * 100_000, "nested deeper"),
        (b"[" * 100_000, "nested deeper"),
    ],
)
def test_what_is_not_strictly_json(client: FlaskClient, data: bytes, says: str) -> None:
    assert says in check_problem(post(client, data), 400, "invalid_json")["error"]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/jsonp",
        "multipart/form-data",
        "",
    ],
)
def test_what_is_not_declared_as_json(client: FlaskClient, content_type: str) -> None:
    response = post(client, GOOD, content_type=content_type)
    check_problem(response, 415, "unsupported_media_type")
    assert response.headers["Accept"] == "application/json, application/x-ndjson, text/csv"
    assert response.headers["Accept-Encoding"] == "gzip"


def test_what_is_compressed(client: FlaskClient) -> None:
    check_problem(post(client, GOOD, headers={"Content-Encoding": "br"}), 415, "unsupported_media_type")
    check_problem(post(client, GOOD, headers={"Content-Encoding": "gzip"}), 400, "invalid_gzip")


@pytest.mark.parametrize("value", [{}, good(), {"items": [good()]}, "text", 1, True, None])
def test_what_is_not_an_array(client: FlaskClient, value: Any) -> None:
    assert "array" in check_problem(post(client, json.dumps(value).encode()), 422, "not_an_array")["error"]


def test_an_empty_array(client: FlaskClient) -> None:
    check_problem(post(client, b"[]"), 422, "empty_batch")


@pytest.mark.parametrize("third", [{"id": "b", **good()}, {"id": "b", "method": "BREW"}, {"id": "b", "method": 7}])
def test_two_items_with_one_id(client: FlaskClient, third: Any) -> None:
    problem = check_problem(client.post("/v1/batch/things", json=[good(), {"id": "b", **good()}, third]), 422, "duplicate_id")
    assert problem["errors"] == [{"pointer": "/2/id", "detail": problem["error"]}]


@pytest.mark.parametrize(
    "name",
    ["nothing", "Things", "thing%73x", "things%00", "things%0d%0a", "things%3f", "things%23", "things%3b", "%ef%bd%94hings",
    "..", "%2e%2e",
     "things%20", "jobs", "entities", "*"],
)  # fmt: skip
def test_an_unknown_entity(client: FlaskClient, name: str) -> None:
    response = client.post(f"/v1/batch/{name}", json=[good()])
    assert response.status_code in (404, 405)
    check_problem(response, response.status_code, response.get_json()["code"])


def test_an_unknown_entity_is_told_which_there_are(client: FlaskClient) -> None:
    problem = check_problem(client.post("/v1/batch/nothing", json=[good()]), 404, "unknown_entity")
    assert "fenced, nowhere, readable, things" in problem["error"]


def test_too_many_items_before_any_of_them_is_looked_at(client: FlaskClient) -> None:
    before = time.monotonic()
    response = client.post("/v1/batch/things", json=[{"nonsense": 1}] * 10_000)
    assert time.monotonic() - before < 1.0
    assert "60" in check_problem(response, 413, "batch_too_large")["error"]


def test_too_many_bytes(client: FlaskClient) -> None:
    check_problem(post(client, b"[" + b" " * 9 * 2**20 + b"]"), 413, "request_entity_too_large")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_verb_that_the_address_does_not_take(client: FlaskClient, method: str) -> None:
    response = client.open("/v1/batch/things", method=method, json=[good()])
    check_problem(response, 405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("query", ["onEror=stop", "limit=1", "x", "a[]=1", "%00=1"])
def test_an_unknown_argument_in_the_query(client: FlaskClient, query: str) -> None:
    check_problem(post(client, GOOD, query_string=query), 400, "unknown_field")


@pytest.mark.parametrize("accept", ["text/csv", "application/xml", "application/json;q=0"])
def test_an_answer_in_another_form(client: FlaskClient, accept: str) -> None:
    check_problem(post(client, GOOD, headers={"Accept": accept}), 406, "not_acceptable")


def test_an_argument_given_twice(client: FlaskClient) -> None:
    check_problem(post(client, GOOD, query_string="maxErrors=1&maxErrors=2"), 400, "repeated_argument")
