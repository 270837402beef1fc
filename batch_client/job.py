"""A job at the batch service: its progress, its results, its end."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import requests

from batch_client.asking import ask, poll
from batch_client.errors import BatchError
from batch_client.following import follow
from batch_client.items import ItemResult
from batch_client.job_status import JobStatus
from batch_client.keys import new_key
from batch_client.results import read_results
from batch_client.retries import Deadline
from batch_client.transport import Transport, read_object

_WAIT_S = 10
_CLOCKS_DIFFER = timedelta(seconds=1)  # by so much at most, that of the API and that of its database


class Job:
    """A handle on one job, and something like a future of its results; the id is all that one must keep to come back to it.

    >>> job = client.submit_job("users", [{"body": {"username": "Ana", "password": "123456"}}, {"body": {"username": "Bao"}}])
    >>> job.wait().status
    'partial'
    >>> [result["responseCode"] for result in job.result()]
    ['201', '400']
    >>> [(result["index"], result["responseBody"]["error"]) for result in job.results(status="failed")]
    [(1, 'Missing password')]
    """

    def __init__(
        self, transport: Transport, job_id: str, accepted: JobStatus | None = None, *, was_known: bool = False
    ) -> None:
        self.id = job_id
        self.accepted = accepted
        """How the job stood when the service took it; None for one that was come back to."""
        self.was_known = was_known
        """Whether the service had taken the same batch under the same key before, and answered with its job."""
        self._transport = transport
        self._path = f"/v1/batch/jobs/{quote(job_id, safe='')}"

    def __repr__(self) -> str:
        return f"<Job {self.id}>"

    def status(self) -> JobStatus:
        """Ask how far the job is."""
        return ask(self._transport, self._path)

    def done(self) -> bool:
        """Ask whether the job has ended."""
        return self.status().is_finished

    def follow(self, *, timeout_s: float | None = None) -> Iterator[JobStatus]:
        """Yield how far the job is, as it changes and once at its end: by the service's events, or by asking where it has none.

        Raises:
            JobTimeoutError: the job goes on, but `timeout_s` is over.
            BatchError: the service refuses, or did not answer several times in a row.
        """
        return follow(self._transport, self._path, Deadline.after(timeout_s))

    def wait(self, *, on_progress: Callable[[JobStatus], None] | None = None, timeout_s: float | None = None) -> JobStatus:
        """Return when the job has ended; `on_progress` is told how far it is meanwhile.

        Raises:
            JobTimeoutError: the job goes on, but `timeout_s` is over.
            BatchError: the service refuses, or did not answer several times in a row.
        """
        if on_progress is None:
            statuses = poll(self._transport, self._path, Deadline.after(timeout_s), wait_s=_WAIT_S)
        else:
            statuses = self.follow(timeout_s=timeout_s)
        for status in statuses:
            if on_progress is not None:
                on_progress(status)
            if status.is_finished:
                return status
        raise AssertionError("A job is followed to its end.")

    def result(self, *, timeout_s: float | None = None) -> list[ItemResult]:
        """Wait for the end of the job and return all its results, in the order of the items; `results` yields them instead."""
        self.wait(timeout_s=timeout_s)
        return list(self.results())

    def results(self, status: str | None = None, *, merged: bool = False) -> Iterator[ItemResult]:
        """Yield the results in item order, read as they come; `status` ("failed", "succeeded", "pending") chooses some.

        Those of a retry are `merged` with the job that it is of: its items, each with its latest result.
        """
        query = {"status": status, "view": "merged" if merged else None}
        return read_results(self._transport, f"{self._path}/results", query)

    def cancel(self) -> JobStatus:
        """Stop sending; what was sent keeps its result."""
        return JobStatus.from_wire(read_object(self._transport.send("POST", f"{self._path}/cancel", repeatable=True)))

    def retry(self, *, include_unknown: bool = False, key: str | None = None) -> "Job":
        """Try again what did not succeed, as a new job; with `include_unknown` also what the target may have applied."""
        response = self._transport.send(
            "POST",
            f"{self._path}/retry",
            query={"includeUnknown": "true"} if include_unknown else None,
            headers={"Idempotency-Key": key or new_key()},
            repeatable=True,
        )
        return accepted(self._transport, response)

    def delete(self) -> None:
        """Forget a job that has ended, and all it held."""
        try:
            self._transport.send("DELETE", self._path)
        except BatchError as lost:
            if not lost.is_transient:
                raise
            try:
                self._transport.send("DELETE", self._path, repeatable=True)
            except BatchError as error:
                if error.status != 404:  # it had been forgotten, and only the answer was lost
                    raise


def accepted(transport: Transport, response: requests.Response) -> Job:
    """Make the handle of a job that the service has just named."""
    document = read_object(response)
    if "jobId" not in document:
        raise BatchError("The answer names no job.", code="not_a_job")
    status = JobStatus.from_wire(document) if "counts" in document else None
    return Job(transport, document["jobId"], status, was_known=_is_older(status, response))


def _is_older(status: JobStatus | None, response: requests.Response) -> bool:
    """Say whether a job is older than the call that it answers; both times are by the service's own clock."""
    if status is None or status.created_at is None:
        return False
    try:
        age = parsedate_to_datetime(response.headers["Date"]) - datetime.fromisoformat(status.created_at)
    except (KeyError, TypeError, ValueError):
        return False
    return age > response.elapsed + _CLOCKS_DIFFER
