"""What a client reads of its jobs."""

from collections.abc import Iterator
from dataclasses import dataclass

from batch_service.domain.job import ErrorGroup, Job, JobStatus
from batch_service.domain.owner import Owner
from batch_service.domain.ports import JobStore, ResultRow

_GROUPS = 50
_INDEXES = 5
_ROWS_AT_ONCE = 500
_MAX_PAGE_BYTES = 8 * 2**20  # of bodies: a page whose last one is large has that much more


@dataclass(frozen=True, slots=True)
class ReadJobs:
    """Jobs, their results, and what failed in them."""

    store: JobStore

    def get(self, job_id: str, owner: Owner) -> Job:
        """Return a job; raise JobNotFoundError."""
        return self.store.get(job_id, owner)

    def page(
        self, owner: Owner, *, limit: int, before: str | None, status: str | None, entity: str | None
    ) -> tuple[list[Job], bool]:
        """Return a page of jobs, newest first, and whether there are more."""
        wanted = JobStatus(status) if status else None
        jobs = self.store.page(owner, limit=limit + 1, before=before, status=wanted, entity=entity)
        return jobs[:limit], len(jobs) > limit

    def results(
        self,
        job_id: str,
        owner: Owner,
        *,
        limit: int,
        after: int | None = None,
        status: str | None = None,
        merged: bool = False,
    ) -> tuple[list[ResultRow], bool]:
        """Return a page of results in the order of the items, and whether there are more; fewer where bodies are large."""
        rows = self.store.results(
            job_id, owner, limit=limit + 1, after=after, status=status, merged=merged, max_bytes=_MAX_PAGE_BYTES
        )
        size = sum(len(row.response_body or b"") for row in rows)
        # Cut short for its size it may have been the last: then an empty page follows.
        return rows[:limit], len(rows) > limit or size > _MAX_PAGE_BYTES

    def all_results(
        self, job_id: str, owner: Owner, *, after: int | None = None, status: str | None = None, merged: bool = False
    ) -> Iterator[list[ResultRow]]:
        """Yield all results in the order of the items, a few at a time, however many there are.

        Raises:
            JobNotFoundError: there is no such job, or no more; what was yielded is not all of it.
        """
        more = True
        while more:
            rows, more = self.results(job_id, owner, limit=_ROWS_AT_ONCE, after=after, status=status, merged=merged)
            after = rows[-1].index if rows else after
            yield rows

    def errors(self, job_id: str, owner: Owner) -> list[ErrorGroup]:
        """Return what failed, grouped by response code and sentence."""
        return self.store.error_groups(job_id, owner, limit=_GROUPS, indexes=_INDEXES)
