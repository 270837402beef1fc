"""Each service is installed, started and held to its contract where nothing of the other one is.

The batch service has a stand-in for its target, made of the users contract file alone; the users service gets the calls that a
batch service has sent.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.batch_service.processes import BatchService
from tests.contract.independence.installation import Installation
from tests.contract.replay import FOLDER, replay
from tests.contract.stand_in import StandIn
from tests.users_service.processes import UsersService

ROOT = Path(__file__).resolve().parent.parent.parent.parent
REGISTRY = '[entities.users]\nurl = "{url}"\nidempotent_writes = true\n'
FAST_LANE = 'batch = { path = "/batch" }\n'

pytestmark = pytest.mark.timeout(600)


def recordings(pattern: str) -> list[str]:
    return sorted(path.stem for path in FOLDER.glob(pattern))


@pytest.fixture(scope="module")
def users_alone(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation("rest-batch-users", tmp_path_factory.mktemp("users-alone"))


@pytest.fixture(scope="module")
def batch_alone(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation("rest-batch-service", tmp_path_factory.mktemp("batch-alone"))


@pytest.fixture(scope="module")
def users(users_alone: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[UsersService]:
    folder = tmp_path_factory.mktemp("users")
    with UsersService(folder, command=users_alone.command("users-service"), PYTHONPATH="") as users:
        yield users


@pytest.fixture(scope="module")
def batch(batch_alone: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BatchService]:
    folder = tmp_path_factory.mktemp("batch")
    with StandIn(ROOT / "openapi" / "users.v1.yaml") as target:
        registry = REGISTRY.format(url=target.url.replace("/things", "/users"))
        service = BatchService(folder, f"sqlite:///{folder}/batch.db", registry + FAST_LANE, PYTHONPATH="")
        service.command = batch_alone.command("batch-service")
        with service:
            yield service


def test_the_users_service_brings_nothing_of_the_batch_service(users_alone: Installation) -> None:
    assert users_alone.can_import("users_service")
    assert [
        each
        for each in ("batch_service", "batch_client", "pycurl", "celery", "kombu", "pytest")
        if users_alone.can_import(each)
    ] == []
    assert not {"pycurl", "celery", "requests"} & users_alone.distributions


def test_the_batch_service_brings_nothing_of_the_users_service(batch_alone: Installation) -> None:
    assert batch_alone.can_import("batch_service")
    assert [
        each for each in ("users_service", "batch_client", "argon2", "bcrypt", "pytest") if batch_alone.can_import(each)
    ] == []
    assert not {"argon2-cffi", "bcrypt", "requests"} & batch_alone.distributions


@pytest.mark.parametrize("name", recordings("users-*.yaml"))
def test_the_users_service_keeps_its_contract_alone(name: str, users: UsersService) -> None:
    replay(name, users.port)


@pytest.mark.parametrize("name", recordings("batch-sends-*.yaml"))
def test_the_users_service_takes_what_a_batch_service_sends(name: str, users: UsersService) -> None:
    replay(name, users.port, jobId=str(uuid4()))


@pytest.mark.parametrize("name", recordings("batch-a*.yaml"))
def test_the_batch_service_keeps_its_contract_alone(name: str, batch: BatchService) -> None:
    replay(name, batch.port)


def test_every_call_to_the_stand_in_was_one_of_the_users_contract(batch: BatchService) -> None:
    answered = batch.post("users", [{"method": "GET", "path": "/batch"}, {"body": {"username": 7, "password": "x"}}]).json()
    assert [result["responseCode"] for result in answered] == ["404", "400"], "the stand-in does look at what it is sent"


def test_a_long_batch_without_the_users_service(batch: BatchService) -> None:
    items = 5_000 if "CONFORMANCE_MINUTES" in os.environ else 200
    job_id = batch.submit("users", [{"body": {"username": f"u{number}", "password": "1"}} for number in range(items)])
    assert batch.ended(job_id)["counts"] == {"total": items, "pending": 0, "succeeded": items, "failed": 0}
