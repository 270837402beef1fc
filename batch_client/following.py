"""Being told how far a job is, by the service's events; and asking it, where there are none."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from batch_client.asking import ask, poll
from batch_client.errors import BatchError, JobTimeoutError
from batch_client.events import MEDIA_TYPE, Event, EventReader
from batch_client.job_status import JobStatus
from batch_client.no_answer import NO_ANSWER
from batch_client.retries import Deadline
from batch_client.transport import Transport

_SILENCE_S = 45.0  # longer than a service needs to say that it is still there
_QUIET_S = 10.0
_WAIT_S = 1
_NOT_OFFERED = frozenset({404, 405, 406, 501})
_NO_PLACE = frozenset({429, 502, 503, 504})


class _NoEventsError(Exception):
    """The service has no events of this job, or they do not come through."""


def follow(transport: Transport, path: str, deadline: Deadline) -> Iterator[JobStatus]:
    """Yield how far a job is, as it changes and once at its end.

    Raises:
        JobTimeoutError: the job goes on, but the deadline is over.
        BatchError: the service refuses, or did not answer several times in a row.
    """
    if transport.offers_events:
        try:
            for status in _told(transport, path, deadline):
                if status.is_finished:
                    break
                yield status
            yield ask(transport, path, deadline=deadline)  # with what failed in it, which no event says
            return
        except _NoEventsError:
            pass
    yield from poll(transport, path, deadline, wait_s=_WAIT_S)


def _told(transport: Transport, path: str, deadline: Deadline) -> Iterator[JobStatus]:
    reader = EventReader()
    known: dict[str, Any] = {"jobId": path.rpartition("/")[2], "status": "running"}
    told_at = time.monotonic()
    while True:
        came = False
        for event in _events(transport, path, reader, deadline):
            if deadline.left_s(1.0) <= 0:
                raise JobTimeoutError("The job has not ended in time; it goes on.", code="timed_out")
            status = None
            if event is not None:
                came, status = True, _status(event, known)
            elif time.monotonic() - told_at >= _QUIET_S:
                status = ask(transport, path, deadline=deadline)  # nothing happens: the job says why, and no event does
            if status is not None:
                told_at, known = time.monotonic(), status.to_wire()
                yield status
                if status.is_finished:
                    return
        if not came:
            raise _NoEventsError  # a proxy may hold them back: asking does not depend on it
        deadline.pause(reader.come_again_s)


def _events(transport: Transport, path: str, reader: EventReader, deadline: Deadline) -> Iterator[Event | None]:
    """Yield what one connection brings; it may end at any time."""
    last_id = {"Last-Event-ID": reader.last_id} if reader.last_id else {}
    headers = {"Accept": MEDIA_TYPE, "Cache-Control": "no-cache", **last_id}
    timeout_s = max(0.1, deadline.left_s(_SILENCE_S))
    try:
        response = transport.send("GET", f"{path}/events", headers=headers, stream=True, timeout_s=timeout_s)
    except BatchError as error:
        if error.status in _NOT_OFFERED and error.code != "job_not_found":
            transport.offers_events = False
        elif error.status not in _NO_PLACE and not error.is_transient:
            raise
        raise _NoEventsError from error
    with response:
        if response.headers.get("Content-Type", "").partition(";")[0].strip() != MEDIA_TYPE:
            raise _NoEventsError
        try:
            yield from reader.read(_blocks(response))
        except NO_ANSWER:
            return


def _blocks(response: requests.Response) -> Iterator[bytes]:
    """Yield what has come, and do not wait for more: without chunks that is a byte at a time."""
    is_chunked = response.headers.get("Transfer-Encoding", "").lower() == "chunked"
    return response.iter_content(chunk_size=None if is_chunked else 1)


def _status(event: Event, known: Mapping[str, Any]) -> JobStatus | None:
    """Read an event that says how far the job is, if only in its counts; None for any other."""
    try:
        document: Any = json.loads(event.data)
        return JobStatus.from_wire({**known, **document}) if "counts" in document else None
    except (ValueError, TypeError, BatchError):
        return None
