"""Clients that were there first: what they sent then is sent again to the services of today."""

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

import pytest

from tests.batch_service.processes import BatchService
from tests.contract.http_bytes import Answer
from tests.contract.replay import FOLDER, differences, replay
from tests.users_service.processes import UsersService

REGISTRY = '[entities.users]\nurl = "{url}/v1/users"\nidempotent_writes = true\n'
OF_USERS = sorted(path.stem for path in FOLDER.glob("users-*.yaml"))
OF_BATCH = sorted(path.stem for path in FOLDER.glob("batch-a*.yaml"))
OF_A_TARGET = sorted(path.stem for path in FOLDER.glob("batch-sends-*.yaml"))


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UsersService]:
    with UsersService(tmp_path_factory.mktemp("users")) as users:
        yield users


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, users: UsersService) -> Iterator[BatchService]:
    folder = tmp_path_factory.mktemp("batch")
    with BatchService(folder, f"sqlite:///{folder}/batch.db", REGISTRY.format(url=users.url)) as batch:
        yield batch


@pytest.mark.parametrize("name", OF_USERS)
def test_a_client_that_knows_usernames_and_passwords_alone(name: str, users: UsersService) -> None:
    replay(name, users.port)


@pytest.mark.parametrize("name", OF_BATCH)
def test_a_client_of_the_first_batch_contract(name: str, batch: BatchService) -> None:
    replay(name, batch.port)


def test_a_client_that_changes_its_mind(batch: BatchService) -> None:
    batch.stop("worker")
    try:
        replay("batch-cancel", batch.port)
    finally:
        batch.start("worker")


@pytest.mark.parametrize("name", OF_A_TARGET)
def test_what_the_batch_service_sends_to_its_target(name: str, users: UsersService) -> None:
    job_id = str(uuid5(NAMESPACE_URL, name))
    replay(name, users.port, jobId=job_id)
    if name != "batch-sends-arrays":  # which carry no keys
        replay(name, users.port, jobId=job_id)


def test_every_recording_is_replayed() -> None:
    replayed = {*OF_USERS, *OF_BATCH, *OF_A_TARGET, "batch-cancel"}
    assert replayed == {path.stem for path in FOLDER.glob("*.yaml")}
    assert min(map(len, (OF_USERS, OF_BATCH, OF_A_TARGET))) >= 2


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(201, {"location": "/things/8"}, b'{"id":"8","tags":["a"],"more":1}'), None),
        (Answer(200, {"location": "/things/8"}, b'{"id":"8","tags":["a"]}'), "status"),
        (Answer(201, {}, b'{"id":"8","tags":["a"]}'), "Location"),
        (Answer(201, {"location": "/things/8"}, b'{"id":"9","tags":["a"]}'), "body.id"),
        (Answer(201, {"location": "/things/8"}, b'{"id":8,"tags":["a"]}'), "body.id"),
        (Answer(201, {"location": "/things/8"}, b'{"id":"8","tags":["a","b"]}'), "body.tags"),
        (Answer(201, {"location": "/things/8"}, b'{"id":"8"}'), "body.tags"),
    ],
)
def test_what_a_client_relies_on_is_looked_at(answer: Answer, fault: str | None) -> None:
    relies_on = {"status": 201, "headers": {"Location": "/things/{id}"}, "body": {"id": "{id}", "tags": ["a"]}}
    found = differences(relies_on, answer, {})
    assert [each for each in found if fault is None or not each.startswith(fault)] == []
    assert bool(found) == (fault is not None)
