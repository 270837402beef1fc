"""Forget a job that has ended, and all it held."""

from dataclasses import dataclass

from batch_service.domain.owner import Owner
from batch_service.domain.ports import JobStore


@dataclass(frozen=True, slots=True)
class DeleteJob:
    """A job that has not ended has to be cancelled first."""

    store: JobStore

    def __call__(self, job_id: str, owner: Owner) -> None:
        """Delete the job; raise JobNotFoundError or JobRunningError."""
        self.store.delete(job_id, owner)
