import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from batch_client import BatchClient, BatchError, JobStatus, JobTimeoutError, as_completed, following
from tests.batch_client.scripted import Answer, ScriptedService
from tests.batch_client.test_job import NO_EVENTS, SOON, document

EVENTS = {"Content-Type": "text/event-stream; charset=utf-8"}
END = Answer(200, document("partial", pending=0, errors=[{"responseCode": "400", "count": 2}]))
BEAT = b": still here\n\n"


def event(number: int, name: str, status: str, pending: int, **more: Any) -> bytes:
    data = json.dumps({**document(status, pending=pending), **more})
    return f"retry: 10\nid: {number}\nevent: {name}\ndata: {data}\n\n".encode()


def told(*parts: bytes, hang_up: bool = False) -> Answer:
    return Answer(200, headers=EVENTS, parts=parts, hang_up=hang_up)


NO_STATUS = told(
    b"retry: 10\n\n", b"data: not JSON\n\n", b"data: []\n\n", b'data: {"counts": 7}\n\n', b'data: "counts"\n\n', hang_up=True
)


def follow(client: BatchClient) -> list[JobStatus]:
    return list(client.job("j1").follow(timeout_s=30))


def paths(service: ScriptedService) -> list[str]:
    return [asked.path.removeprefix("/v1/batch/jobs/j1") for asked in service.asked]


def test_the_service_tells_how_far_it_is(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [told(BEAT, event(1, "progress", "running", 6), event(2, "end", "partial", 0)), END]
    first, last = follow(client)
    assert (first.done, last.done, last.status) == (4, 10, "partial")
    assert last.errors == [{"responseCode": "400", "count": 2}]
    assert paths(service) == ["/events", "?limit=1"]
    assert service.asked[0].headers["Accept"] == "text/event-stream"
    assert "Last-Event-ID" not in service.asked[0].headers


def test_counts_alone_are_told_too(service: ScriptedService, client: BatchClient) -> None:
    counts = {"total": 10, "pending": 3, "succeeded": 5, "failed": 2}
    part = f"event: progress\ndata: {json.dumps({'counts': counts})}\n\n".encode()
    service.answers += [told(part, event(2, "end", "partial", 0)), END]
    first, _ = follow(client)
    assert (first.job_id, first.status, first.done, first.counts["failed"]) == ("j1", "running", 7, 2)


def test_a_connection_that_is_lost_goes_on_from_the_last_event(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [
        told(event(7, "progress", "running", 6), hang_up=True),
        told(event(8, "progress", "running", 5)),
        told(event(9, "end", "partial", 0)),
        END,
    ]
    assert [status.done for status in follow(client)] == [4, 5, 10]
    assert [asked.headers.get("Last-Event-ID") for asked in service.asked] == [None, "7", "8", None]


@pytest.mark.parametrize(
    "first",
    [
        NO_EVENTS,
        Answer(406, {}),
        Answer(503, {}, {"Retry-After": "60"}),
        Answer(200, hang_up=True),
        Answer(204),
        Answer(200, {"results": []}),
        told(BEAT),
        NO_STATUS,
    ],
    ids=["404", "406", "503", "lost", "204", "no events", "nothing but beats", "no status"],
)
def test_without_events_the_job_is_asked(service: ScriptedService, client: BatchClient, first: Answer) -> None:
    again = [Answer(204)] if first == NO_STATUS else []
    service.answers += [first, *again, Answer(200, document("running", pending=4), SOON), END]
    before = time.monotonic()
    assert [status.done for status in follow(client)] == [6, 10]
    assert time.monotonic() - before < 20
    assert paths(service)[0] == "/events"
    assert paths(service)[-2:] == ["?limit=1"] * 2


def test_one_does_not_come_again_at_once(service: ScriptedService, client: BatchClient) -> None:
    later = event(7, "progress", "running", 6).replace(b"retry: 10", b"retry: 500")
    service.answers += [told(later), told(event(8, "end", "partial", 0)), END]
    before = time.monotonic()
    assert [status.done for status in follow(client)] == [4, 10]
    assert time.monotonic() - before >= 0.5


def test_a_service_without_events_is_asked_for_them_once(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [NO_EVENTS, END, END]
    follow(client)
    follow(client)
    assert paths(service) == ["/events", "?limit=1", "?limit=1"]


def test_a_service_that_has_no_place_is_asked_for_one_again(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(503, {}), END, told(event(1, "end", "partial", 0)), END]
    follow(client)
    follow(client)
    assert paths(service) == ["/events", "?limit=1"] * 2


def test_a_job_that_is_not_there_is_an_error(service: ScriptedService, client: BatchClient) -> None:
    missing = Answer(404, {"error": "There is no such job.", "code": "job_not_found"})
    service.answers += [missing, missing]
    with pytest.raises(BatchError, match="no such job"):
        follow(client)


def test_who_may_not_know_is_told_so(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(401, {"error": "Send a credential.", "code": "unauthorized"})]
    with pytest.raises(BatchError, match="credential"):
        follow(client)
    assert len(service.asked) == 1


def test_where_nothing_happens_the_job_is_asked_why(
    service: ScriptedService, client: BatchClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_QUIET_S", 0.0)
    hold = {"reason": "failing", "until": "2026-11-22T20:00:00.000Z"}
    held = Answer(200, document("running", pending=6, hold=hold))
    service.answers += [told(BEAT, event(2, "end", "partial", 0)), held, END]
    assert [(status.done, status.hold) for status in follow(client)] == [(4, hold), (10, None)]


def test_beats_do_not_make_anyone_wait_for_longer_than_he_will(service: ScriptedService, client: BatchClient) -> None:
    is_over = threading.Event()

    def beats() -> Iterator[bytes]:
        while not is_over.wait(0.02):
            yield BEAT

    service.answers += [Answer(200, headers=EVENTS, parts=beats())]
    before = time.monotonic()
    with pytest.raises(JobTimeoutError):
        list(client.job("j1").follow(timeout_s=0.3))
    is_over.set()
    assert 0.3 <= time.monotonic() - before < 20
    assert paths(service) == ["/events"]


def test_jobs_are_given_out_as_they_end(service: ScriptedService, client: BatchClient) -> None:
    def at(job_id: str, status: str) -> Answer:
        return Answer(200, {**document(status, pending=0), "jobId": job_id})

    service.answers += [
        at("a", "running"), at("b", "running"), at("c", "failed"),
        at("a", "running"), at("b", "succeeded"), at("a", "cancelled"),
    ]  # fmt: skip
    jobs = [client.job(job_id) for job_id in "abc"]
    assert [job.id for job in as_completed(jobs, timeout_s=60)] == ["c", "b", "a"]


def test_jobs_that_do_not_end_in_time_are_given_up(service: ScriptedService, client: BatchClient) -> None:
    service.answers += [Answer(200, document("running", pending=4))] * 9
    with pytest.raises(JobTimeoutError):
        list(as_completed([client.job("j1")], timeout_s=0.2))


def test_a_job_is_something_like_a_future(service: ScriptedService, client: BatchClient) -> None:
    page = {"results": [{"index": 0, "responseCode": "201"}], "next": None}
    service.answers += [Answer(200, document("running", pending=4)), END, Answer(200, page)]
    job = client.job("j1")
    assert not job.done()
    assert job.result(timeout_s=30) == page["results"]
    assert repr(job) == "<Job j1>"
