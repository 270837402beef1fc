"""What a client reads of its jobs."""

from dataclasses import dataclass

from batch_service.domain.job import ErrorGroup, Job, JobStatus
from batch_service.domain.ports import JobStore, ResultRow

_GROUPS = 50
_INDEXES = 5


@dataclass(frozen=True, slots=True)
class ReadJobs:
    """Jobs, their results, and what failed in them."""

    store: JobStore

    def get(self, job_id: str) -> Job:
        """Return a job; raise JobNotFoundError."""
        return self.store.get(job_id)

    def page(self, *, limit: int, before: str | None, status: str | None, entity: str | None) -> tuple[list[Job], bool]:
        """Return a page of jobs, newest first, and whether there are more."""
        wanted = JobStatus(status) if status else None
        jobs = self.store.page(limit=limit + 1, before=before, status=wanted, entity=entity)
        return jobs[:limit], len(jobs) > limit

    def results(
        self, job_id: str, *, limit: int, after: int | None = None, status: str | None = None, merged: bool = False
    ) -> tuple[list[ResultRow], bool]:
        """Return a page of results in the order of the items, and whether there are more."""
        rows = self.store.results(job_id, limit=limit + 1, after=after, status=status, merged=merged)
        return rows[:limit], len(rows) > limit

    def errors(self, job_id: str) -> list[ErrorGroup]:
        """Return what failed, grouped by response code and sentence."""
        return self.store.error_groups(job_id, limit=_GROUPS, indexes=_INDEXES)
