"""The results of a job as they come, for a caller who stays at the connection."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from batch_service.application.submit_batch import Limits
from batch_service.application.wait_for_end import looks
from batch_service.domain.owner import Owner
from batch_service.domain.ports import JobStore, ResultRow

_ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class FollowResults:
    """In the order in which items end: nobody waits for the slowest of them."""

    store: JobStore
    limits: Limits

    def __call__(self, job_id: str, owner: Owner, *, wait_s: float | None) -> Iterator[Sequence[ResultRow]]:
        """Yield results as they come; when the time is over, the items that have none, as far as they came.

        For jobs of the size of a synchronous batch: what has not ended is looked for by position.
        """
        missing: dict[int, None] | None = None
        for job in looks(self.store, job_id, owner, wait_s=self.limits.cap_wait(wait_s)):
            missing = dict.fromkeys(range(job.counts.total)) if missing is None else missing
            if job.counts.pending < len(missing):
                yield from self._new(job_id, owner, missing)
        if missing:
            self.store.make_patient(job_id, owner)  # whoever reads the job from now on has time
            rows = self.store.results(job_id, owner, limit=job.counts.total, after=None, status=None)
            yield [row for row in rows if row.index in missing]

    def _new(self, job_id: str, owner: Owner, missing: dict[int, None]) -> Iterator[Sequence[ResultRow]]:
        positions = iter(list(missing))
        while some := list(islice(positions, _ROWS_AT_ONCE)):
            rows = self.store.finished(job_id, owner, some)
            for row in rows:
                del missing[row.index]
            if rows:
                yield rows
