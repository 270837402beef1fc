"""A job at the batch service: its counts, its results, its end."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

from batch_client.errors import BatchError, JobTimeoutError
from batch_client.items import ItemResult
from batch_client.paging import pages
from batch_client.transport import Transport, read_object, retry_after_s

_FINISHED = frozenset({"succeeded", "partial", "failed", "cancelled", "expired"})
_POLL_S = 1.0
_MIN_POLL_S, _MAX_POLL_S = 0.1, 10.0
_WAIT_S, _WAIT_FOR_PROGRESS_S = 10, 1
_MAX_FAILURES = 8  # in a row, with growing pauses: about half a minute, enough for a service that starts again


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How far a job is; `counts` has `total`, `pending`, `succeeded`, `failed`; times are RFC 3339 UTC."""

    job_id: str
    entity: str
    status: str
    counts: dict[str, int]
    created_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    retry_after_s: float | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing of the job can change any more."""
        return self.status in _FINISHED

    @property
    def done(self) -> int:
        """How many items are final."""
        return self.counts["total"] - self.counts["pending"]

    @classmethod
    def from_wire(cls, document: dict[str, Any], *, retry_after_s: float | None = None) -> Self:
        """Read a job document; members that this version does not know are left aside."""
        return cls(
            job_id=document["jobId"],
            entity=document["entity"],
            status=document["status"],
            counts=document["counts"],
            created_at=document.get("createdAt"),
            started_at=document.get("startedAt"),
            finished_at=document.get("finishedAt"),
            errors=document.get("errors", []),
            retry_after_s=retry_after_s,
        )


class Job:
    """A handle on one job; the id is all that a caller must keep to come back to it."""

    def __init__(self, transport: Transport, job_id: str) -> None:
        self.id = job_id
        self._transport = transport
        self._path = f"/v1/batch/jobs/{quote(job_id, safe='')}"

    def status(self) -> JobStatus:
        """Ask how far the job is."""
        return self._ask(wait_s=0)

    def _ask(self, *, wait_s: int) -> JobStatus:
        """Ask how far the job is; the answer may wait so long for its end (RFC 7240), if the service has a place to wait in."""
        headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
        response = self._transport.send("GET", self._path, query={"limit": 1}, headers=headers)
        has_waited = "wait=" in response.headers.get("Preference-Applied", "")
        return JobStatus.from_wire(read_object(response), retry_after_s=0.0 if has_waited else retry_after_s(response))

    def wait(self, *, on_progress: Callable[[JobStatus], None] | None = None, timeout_s: float | None = None) -> JobStatus:
        """Ask until the job has ended; each answer comes with its end, or after a few seconds.

        A service that cannot let anyone wait is asked as often as its `Retry-After` says.

        Raises:
            JobTimeoutError: the job goes on, but `timeout_s` is over.
            BatchError: the service refuses, or did not answer several times in a row.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        failures = 0
        while True:
            try:
                status = self._ask(wait_s=self._wait_s(deadline, often=on_progress is not None))
            except BatchError as error:
                failures += 1
                if not error.is_transient or failures >= _MAX_FAILURES:
                    raise
                self._pause(0.25 * 2**failures if error.retry_after_s is None else error.retry_after_s, deadline)
                continue
            failures = 0
            if on_progress is not None:
                on_progress(status)
            if status.is_finished:
                return status
            self._pause(_POLL_S if status.retry_after_s is None else status.retry_after_s, deadline)

    def results(self, status: str | None = None) -> Iterator[ItemResult]:
        """Yield the results in item order, page by page; `status` ("failed", "succeeded", ...) chooses some."""
        yield from pages(self._transport, f"{self._path}/results", "results", {"status": status})

    def cancel(self) -> JobStatus:
        """Stop sending; what was sent keeps its result."""
        return JobStatus.from_wire(read_object(self._transport.send("POST", f"{self._path}/cancel")))

    def _wait_s(self, deadline: float | None, *, often: bool) -> int:
        """Say for how many whole seconds an answer may wait: no answer is to come too late for this end."""
        wait_s = min(_WAIT_FOR_PROGRESS_S if often else _WAIT_S, int(self._transport.timeout_s / 2))
        return wait_s if deadline is None else max(0, min(wait_s, int(deadline - time.monotonic())))

    def _pause(self, wanted_s: float, deadline: float | None) -> None:
        pause_s = min(max(wanted_s, _MIN_POLL_S), _MAX_POLL_S)
        if deadline is not None:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise JobTimeoutError(f"Job {self.id} has not ended in time; it goes on.", code="timed_out")
            pause_s = min(pause_s, left_s)
        time.sleep(pause_s)
