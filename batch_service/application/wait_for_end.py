"""Wait for the end of a job: another process, maybe on another machine, is at work on it."""

import time
from collections import deque
from collections.abc import Iterator

from batch_service.domain.job import Job
from batch_service.domain.owner import Owner
from batch_service.domain.ports import JobStore

_FIRST_LOOK_S = 0.001
_SLOWEST_LOOK_S = 0.05


def looks(store: JobStore, job_id: str, owner: Owner, *, wait_s: float) -> Iterator[Job]:
    """Look at a job at growing intervals, until it has ended or the time is over; the last look is always one of these."""
    deadline = time.monotonic() + wait_s
    pause_s = _FIRST_LOOK_S
    while True:
        job = store.get(job_id, owner)
        left_s = deadline - time.monotonic()
        yield job
        if job.status.is_final or left_s <= 0:
            return
        time.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 1.1, _SLOWEST_LOOK_S)


def wait_for_end(store: JobStore, job_id: str, owner: Owner, *, wait_s: float) -> Job:
    """Return the job once it has ended, or as it stands when the time is over; raise JobNotFoundError."""
    return deque(looks(store, job_id, owner, wait_s=wait_s), maxlen=1).pop()
