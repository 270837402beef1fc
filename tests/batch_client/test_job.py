import time
from typing import Any

import pytest

from batch_client import BatchClient, BatchError, JobStatus, JobTimeoutError
from tests.batch_client.scripted import Answer, ScriptedService

SOON = {"Retry-After": "0"}
NO_EVENTS = Answer(404, {"error": "Not found", "code": "not_found"})


def document(status: str, *, pending: int, **more: Any) -> dict[str, Any]:
    counts = {"total": 10, "pending": pending, "succeeded": 10 - pending, "failed": 0}
    return {"jobId": "j1", "entity": "users", "status": status, "counts": counts, "later": "unknown", **more}


def test_wait_follows_the_job_to_its_end(service: ScriptedService, client: BatchClient) -> None:
    answers = [
        Answer(200, document("queued", pending=10), SOON),
        Answer(200, document("running", pending=4), SOON),
        Answer(200, document("succeeded", pending=0, finishedAt="2026-11-22T19:51:42.123Z")),
    ]
    seen: list[JobStatus] = []
    service.answers += [NO_EVENTS, *answers]
    end = client.job("j1").wait(on_progress=seen.append)
    assert [status.done for status in seen] == [0, 6, 10]
    assert end.is_finished
    assert end.finished_at == "2026-11-22T19:51:42.123Z"
    assert [asked.path.partition("?")[0] for asked in service.asked] == ["/v1/batch/jobs/j1/events", *["/v1/batch/jobs/j1"] * 3]


@pytest.mark.parametrize("status", ["succeeded", "partial", "failed", "cancelled", "expired"])
def test_every_end_is_an_end(service: ScriptedService, client: BatchClient, status: str) -> None:
    service.answers += [Answer(200, document(status, pending=0))]
    assert client.job("j1").wait().status == status


def test_retry_after_is_waited_for(service: ScriptedService, client: BatchClient) -> None:
    answers = [
        Answer(200, document("running", pending=4), {"Retry-After": "1"}),
        Answer(200, document("failed", pending=0)),
    ]
    service.answers += answers
    started = time.monotonic()
    client.job("j1").wait()
    assert time.monotonic() - started >= 1.0


def test_an_answer_that_waited_is_followed_by_the_next_question(service: ScriptedService, client: BatchClient) -> None:
    applied = {"Retry-After": "60", "Preference-Applied": "wait=10"}
    service.answers += [Answer(200, document("running", pending=4), applied), Answer(200, document("succeeded", pending=0))]
    started = time.monotonic()
    client.job("j1").wait()
    assert time.monotonic() - started < 10
    assert [asked.headers["Prefer"] for asked in service.asked] == ["wait=10", "wait=10"]


@pytest.mark.parametrize(
    ("timeout_s", "deadline_s", "watched", "prefer"),
    [(120, None, False, "wait=10"), (120, None, True, "wait=1"), (120, 5.5, False, "wait=5"), (8, None, False, "wait=4"),
     (120, 0.5, False, None), (1, None, False, None)],
)  # fmt: skip
def test_no_answer_is_asked_to_wait_for_too_long(
    service: ScriptedService, timeout_s: float, deadline_s: float | None, prefer: str | None, *, watched: bool
) -> None:
    service.answers += [*[NO_EVENTS] * watched, Answer(200, document("succeeded", pending=0))]
    with BatchClient(service.url, timeout_s=timeout_s) as client:
        client.job("j1").wait(timeout_s=deadline_s, on_progress=(lambda _: None) if watched else None)
    assert service.asked[-1].headers.get("Prefer") == prefer


def test_wait_gives_up_in_time_however_long_the_service_wants_it_to_pause(
    service: ScriptedService, client: BatchClient
) -> None:
    answers = [Answer(200, document("running", pending=4), {"Retry-After": "86400"})] * 5
    service.answers += answers
    started = time.monotonic()
    with pytest.raises(JobTimeoutError):
        client.job("j1").wait(timeout_s=0.3)
    assert time.monotonic() - started < 5
    assert len(service.asked) == 2  # once more at the end, since the pause was cut short


def test_wait_outlives_a_service_that_starts_again(service: ScriptedService, client: BatchClient) -> None:
    answers = [
        Answer(200, hang_up=True),
        Answer(503, {"error": "not now", "code": "storage_unavailable"}, SOON),
        Answer(200, document("succeeded", pending=0)),
    ]
    service.answers += answers
    assert client.job("j1").wait().status == "succeeded"


def test_wait_does_not_outlive_a_refusal(service: ScriptedService, client: BatchClient) -> None:
    problem = {"error": "No such job.", "code": "not_found"}
    service.answers += [Answer(404, problem)]
    with pytest.raises(BatchError, match="No such job"):
        client.job("j1").wait()
    assert len(service.asked) == 1


def test_wait_gives_up_on_a_service_that_stays_away(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [*[Answer(503, {}, SOON)] * 8]
    with pytest.raises(BatchError, match="HTTP 503"):
        client.job("j1").wait()


def test_cancel_answers_where_the_job_stands(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(200, document("cancelled", pending=0))]
    assert client.job("a/b").cancel().status == "cancelled"
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("POST", "/v1/batch/jobs/a%2Fb/cancel")


def test_jobs_are_listed_and_chosen(service: ScriptedService, client: BatchClient) -> None:
    page = {"jobs": [document("running", pending=4)], "next": None}
    service.answers += [Answer(200, page)]
    (status,) = client.jobs(status="running", entity="users")
    assert (status.job_id, status.done) == ("j1", 6)
    assert service.asked[0].path == "/v1/batch/jobs?status=running&entity=users&limit=1000"


def test_entities_are_listed(service: ScriptedService, client: BatchClient) -> None:
    entities = [{"name": "users", "methods": ["GET", "POST"]}]
    service.answers += [Answer(200, {"entities": entities, "next": None})]
    assert client.entities() == entities
    assert service.asked[0].path == "/v1/batch/entities"
