"""Wait for the end of a job on behalf of a client that would otherwise ask again and again."""

from dataclasses import dataclass
from threading import BoundedSemaphore

from batch_service.application.submit_batch import Limits
from batch_service.application.wait_for_end import wait_for_end
from batch_service.domain.job import Job
from batch_service.domain.owner import Owner
from batch_service.domain.ports import JobStore


@dataclass(frozen=True, slots=True)
class WaitForJob:
    """Who waits holds a thread of the server, so that only some may: the others are answered at once, and ask again."""

    store: JobStore
    limits: Limits
    places: BoundedSemaphore

    def __call__(self, job_id: str, owner: Owner, *, wait_s: float) -> tuple[Job, bool]:
        """Return a job once it has ended or the time is over, and whether there was a place to wait in.

        Raises:
            JobNotFoundError: there is no such job, or no more.
        """
        job = self.store.get(job_id, owner)
        if job.status.is_final or wait_s <= 0:
            return job, True
        if not self.places.acquire(blocking=False):
            return job, False
        try:
            return wait_for_end(self.store, job_id, owner, wait_s=self.limits.cap_wait(wait_s)), True
        finally:
            self.places.release()
