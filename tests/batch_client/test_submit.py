import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from batch_client import BatchClient, BatchError, Item, Job
from batch_client.retries import ONCE
from tests.batch_client.scripted import Answer, ScriptedService

ITEMS: list[Item] = [
    {"method": "POST", "body": {"username": "Diego", "password": "123456"}},
    {"method": "POST", "body": {"username": "Diego2"}},
]
RESULTS = [
    {"responseCode": "201", "responseBody": {"userId": "1", "username": "Diego"}},
    {"responseCode": "400", "responseBody": {"error": "Missing password"}},
]


def test_a_small_batch_is_answered_with_its_results() -> None:
    with ScriptedService(Answer(200, RESULTS)) as service, BatchClient(service.url, "key_1") as client:
        assert client.submit("users", iter(ITEMS)) == RESULTS
    (asked,) = service.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/v1/batch/users", ITEMS)
    assert asked.headers["Authorization"] == "Bearer key_1"
    assert "Prefer" not in asked.headers


def test_an_accepted_batch_becomes_a_job(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(202, {"jobId": "j1"})]
    outcome = client.submit("users", ITEMS, prefer="wait=2")
    assert isinstance(outcome, Job)
    assert outcome.id == "j1"
    assert service.asked[0].headers["Prefer"] == "wait=2"
    assert "Authorization" not in service.asked[0].headers


def test_a_job_can_be_asked_for(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(202, {"jobId": "j1"})]
    assert client.submit_job("users", ITEMS).id == "j1"
    assert service.asked[0].headers["Prefer"] == "respond-async"


def test_items_are_sent_as_they_come(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(202, {"jobId": "j1"})]
    assert client.submit_stream("users", iter(ITEMS), key="import-1").id == "j1"
    (asked,) = service.asked
    assert (asked.path, asked.headers["Content-Type"]) == ("/v1/batch/users", "application/x-ndjson")
    assert asked.headers["Transfer-Encoding"] == "chunked"
    assert asked.headers["Idempotency-Key"] == "import-1"
    assert [json.loads(line) for line in asked.body.splitlines()] == ITEMS


def test_a_file_is_sent_as_it_is(service: ScriptedService, client: BatchClient, tmp_path: Path) -> None:
    service.answers += [Answer(202, {"jobId": "j1"})]
    file = tmp_path / "users.csv"
    file.write_bytes(b"username\r\nDiego\r\n")
    with file.open("rb") as data:
        assert client.submit_csv("users", data).id == "j1"
    (asked,) = service.asked
    assert (asked.headers["Content-Type"], asked.body) == ("text/csv", b"username\r\nDiego\r\n")


def test_a_source_that_fails_sends_no_whole_batch(service: ScriptedService, client: BatchClient) -> None:
    def items() -> Iterator[Item]:
        yield ITEMS[0]
        raise ValueError("The file is broken.")

    with pytest.raises(ValueError, match="broken"):
        client.submit_stream("users", items())


def test_a_key_travels_with_a_batch(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(200, RESULTS), Answer(202, {"jobId": "j1"})]
    client.submit("users", ITEMS, key="import-1")
    client.submit_job("users", ITEMS, key="import-2")
    assert [asked.headers["Idempotency-Key"] for asked in service.asked] == ["import-1", "import-2"]


def test_each_batch_gets_a_key_of_its_own_unless_it_has_one(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(202, {"jobId": "j1"})] * 2
    for _ in range(2):
        client.submit_job("users", ITEMS)
    keys = [asked.headers["Idempotency-Key"] for asked in service.asked]
    assert len(set(keys)) == 2
    assert all(8 <= len(key) <= 255 for key in keys)


def test_a_batch_may_stop_at_errors_and_name_no_entity(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(202, {"jobId": "j1"})]
    client.submit_job(None, ITEMS, max_errors=3)
    assert service.asked[0].path == "/v1/batch?maxErrors=3"


def test_a_service_that_knows_no_jobs_is_named() -> None:
    with (
        ScriptedService(Answer(200, RESULTS)) as service,
        BatchClient(service.url) as client,
        pytest.raises(BatchError) as refused,
    ):
        client.submit_job("users", ITEMS)
    assert refused.value.code == "no_job"


def test_the_name_of_an_entity_stays_one_segment_of_the_path() -> None:
    with ScriptedService(Answer(200, [])) as service, BatchClient(service.url + "/") as client:
        client.submit("../jobs?x", ITEMS)
    assert service.asked[0].path == "/v1/batch/..%2Fjobs%3Fx"


def test_a_refusal_carries_the_problem(service: ScriptedService, client: BatchClient) -> None:
    problem = {"error": "There is no entity named user.", "code": "unknown_entity", "status": 404}
    service.answers += [Answer(404, problem)]
    with pytest.raises(BatchError, match="no entity named user") as refused:
        client.submit("user", ITEMS)
    assert (refused.value.status, refused.value.code) == (404, "unknown_entity")
    assert refused.value.error == problem["error"]
    assert not refused.value.is_transient


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"[]", b"{}"])
def test_a_refusal_without_a_problem_is_still_an_error(service: ScriptedService, body: bytes) -> None:
    answer = Answer(502, body, {"Retry-After": "7"})
    service.answers += [answer]
    with BatchClient(service.url, retries=ONCE) as client, pytest.raises(BatchError, match="HTTP 502") as refused:
        client.submit("users", ITEMS)
    assert (refused.value.code, refused.value.retry_after_s) == ("http_error", 7.0)
    assert refused.value.is_transient


def test_a_redirect_is_not_followed(service: ScriptedService, client: BatchClient) -> None:
    answer = Answer(302, {}, {"Location": "/elsewhere"})
    service.answers += [answer]
    with pytest.raises(BatchError, match="HTTP 302"):
        client.submit("users", ITEMS)
    assert len(service.asked) == 1


def test_an_answer_that_is_not_json_is_named(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(200, b"<html>")]
    with pytest.raises(BatchError) as refused:
        client.submit("users", ITEMS)
    assert refused.value.code == "not_json"


def test_a_body_that_is_no_json_never_leaves(service: ScriptedService, client: BatchClient) -> None:
    with pytest.raises(requests.exceptions.InvalidJSONError):
        client.submit("users", [{"body": float("nan")}])
    assert service.asked == []


def test_a_netrc_does_not_replace_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with ScriptedService(Answer(200, [])) as service, BatchClient(service.url, "key_1") as client:
        client.submit("users", ITEMS)
    assert service.asked[0].headers["Authorization"] == "Bearer key_1"


def test_one_connection_serves_many_calls(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(200, []), Answer(200, [])]
    client.submit("users", ITEMS)
    client.submit("users", ITEMS)
    assert len({asked.connection for asked in service.asked}) == 1


def test_a_session_that_was_given_stays_open() -> None:
    with requests.Session() as session, ScriptedService(Answer(200, []), Answer(200, [])) as service:
        for _ in range(2):
            with BatchClient(service.url, session=session) as client:
                client.submit("users", ITEMS)
    assert len({asked.connection for asked in service.asked}) == 1
