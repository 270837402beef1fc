import pytest

from batch_client import Batch, BatchClient, InvalidBatchError, Job
from tests.batch_client.scripted import Answer, ScriptedService

TAKEN = Answer(202, {"jobId": "j1"})


def test_calls_are_put_together(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [TAKEN]
    batch = client.batch("users")
    batch.post({"username": "Ana"}, id="ana", headers={"Accept-Language": "pt"})
    batch.get(query={"username": "Ana"})
    batch.put("/1", {})
    batch.patch("/2", {"email": None})
    batch.delete("/3")
    assert len(batch) == 5
    outcome = batch.submit(key="import-1", prefer="wait=2", max_errors=1)
    assert isinstance(outcome, Job)
    (asked,) = service.asked
    assert (asked.path, asked.headers["Prefer"]) == ("/v1/batch/users?maxErrors=1", "wait=2")
    assert asked.headers["Idempotency-Key"] == "import-1"
    assert asked.body == [
        {"method": "POST", "body": {"username": "Ana"}, "id": "ana", "headers": {"Accept-Language": "pt"}},
        {"method": "GET", "query": {"username": "Ana"}},
        {"method": "PUT", "path": "/1", "body": {}},
        {"method": "PATCH", "path": "/2", "body": {"email": None}},
        {"method": "DELETE", "path": "/3"},
    ]


def test_calls_refer_to_one_another_and_have_an_id_where_they_need_one(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [TAKEN]
    batch = client.batch()
    user = batch.post({"username": "Ana"}, entity="users")
    profile = batch.post({}, entity="profiles", id="profile", bind={"/body/owner": user.at("/responseBody/userId")})
    batch.post({"text": "hello"}, entity="mails", depends_on=[user, profile, "profile"])
    assert batch.submit_job(max_errors=2).id == "j1"
    (asked,) = service.asked
    assert (asked.path, asked.headers["Prefer"]) == ("/v1/batch?maxErrors=2", "respond-async")
    assert asked.body == batch.items()
    assert asked.body == [
        {"method": "POST", "entity": "users", "body": {"username": "Ana"}, "id": "item-1"},
        {
            "method": "POST", "entity": "profiles", "body": {}, "id": "profile",
            "bind": {"/body/owner": "item-1#/responseBody/userId"},
        },
        {"method": "POST", "entity": "mails", "body": {"text": "hello"}, "dependsOn": ["item-1", "profile", "profile"]},
    ]  # fmt: skip


def one_entity(batch: Batch) -> None:
    batch.post({}, entity="profiles")


def empty(batch: Batch) -> None:
    pass


def twice(batch: Batch) -> None:
    batch.post({}, id="a")
    batch.post({}, id="a")


def unknown(batch: Batch) -> None:
    batch.post({}, id="a", depends_on=["b"])


def unknown_in_bind(batch: Batch) -> None:
    batch.post({}, bind={"/body/x": "b#/responseBody"})


def no_pointer(batch: Batch) -> None:
    batch.post({}).at("responseBody")


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (one_entity, "each call is one of 'users'"),
        (empty, "The batch is empty"),
        (twice, "Two calls have the id 'a'"),
        (unknown, "depends on 'b'"),
        (unknown_in_bind, "depends on 'b'"),
        (no_pointer, "'responseBody' does not"),
    ],
)
def test_what_makes_no_sense_is_not_sent(service: ScriptedService, client: BatchClient, make: object, error: str) -> None:
    assert callable(make)
    with pytest.raises(InvalidBatchError, match=error):  # noqa: PT012 - it may be seen early or late
        batch = client.batch("users")
        make(batch)
        batch.submit()
    assert service.asked == []


def test_a_call_without_an_entity_belongs_nowhere(client: BatchClient) -> None:
    with pytest.raises(InvalidBatchError, match="each call names its entity"):
        client.batch().post({})
