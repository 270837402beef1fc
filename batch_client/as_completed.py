"""Several jobs at once, each given out as it ends; no thread waits for any of them."""

from collections.abc import Iterable, Iterator

from batch_client.job import Job
from batch_client.retries import Deadline

_POLL_S = 1.0


def as_completed(jobs: Iterable[Job], *, timeout_s: float | None = None) -> Iterator[Job]:
    """Yield each job once it has ended, those that end first first.

    >>> jobs = [client.submit_job("users", [{"body": {"username": name, "password": "123456"}}]) for name in ("Eva", "Fei")]
    >>> sorted(result["responseBody"]["username"] for job in as_completed(jobs) for result in job.results())
    ['Eva', 'Fei']

    Raises:
        JobTimeoutError: `timeout_s` is over; the jobs that were not yielded go on.
        BatchError: the service refuses, or did not answer several times in a row.
    """
    deadline = Deadline.after(timeout_s)
    running = list(jobs)
    while running:
        ended = [job for job in running if job.done()]
        yield from ended
        running = [job for job in running if job not in ended]
        if running and not ended:
            deadline.pause(_POLL_S)
