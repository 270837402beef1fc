"""Asking the service how far a job is, again and again."""

from collections.abc import Iterator

from batch_client.job_status import JobStatus
from batch_client.retries import NEVER, Deadline
from batch_client.transport import Transport, read_object, retry_after_s

_POLL_S = 1.0
_MIN_POLL_S, _MAX_POLL_S = 0.1, 10.0


def ask(transport: Transport, path: str, *, wait_s: int = 0, deadline: Deadline = NEVER) -> JobStatus:
    """Ask once; the answer may wait so long for the end of the job (RFC 7240), if the service has a place to wait in."""
    headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
    response = transport.send("GET", path, query={"limit": 1}, headers=headers, repeatable=True, deadline=deadline)
    has_waited = "wait=" in response.headers.get("Preference-Applied", "")
    return JobStatus.from_wire(read_object(response), retry_after_s=0.0 if has_waited else retry_after_s(response))


def poll(transport: Transport, path: str, deadline: Deadline, *, wait_s: int) -> Iterator[JobStatus]:
    """Yield each answer until the job has ended; each comes with its end, or after `wait_s` seconds.

    A service that cannot let anyone wait is asked as often as its `Retry-After` says.

    Raises:
        JobTimeoutError: the job goes on, but the deadline is over.
        BatchError: the service refuses, or did not answer several times in a row.
    """
    while True:
        # No answer is to come too late for its sender.
        waited_s = int(deadline.left_s(min(wait_s, transport.timeout_s / 2)))
        status = ask(transport, path, wait_s=waited_s, deadline=deadline)
        yield status
        if status.is_finished:
            return
        pause_s = _POLL_S if status.retry_after_s is None else status.retry_after_s
        deadline.pause(min(max(pause_s, _MIN_POLL_S), _MAX_POLL_S))
