"""Cancel a job: nothing more is sent; what was sent keeps its result."""

from dataclasses import dataclass

from batch_service.domain.job import Job
from batch_service.domain.owner import Owner
from batch_service.domain.ports import JobStore, WakeUp


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Cancelling twice is cancelling once."""

    store: JobStore
    wake_up: WakeUp

    def __call__(self, job_id: str, owner: Owner) -> Job:
        """Return the job as it now stands; raise JobNotFoundError or JobFinishedError."""
        job = self.store.cancel(job_id, owner)
        self.wake_up.ring()
        return job
