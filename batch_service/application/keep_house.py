"""What has to be done from time to time, whoever does it: a loop in every process, one of them at a time.

It is never a queued task: a queue that lost its tasks would then never be swept.
"""

import math
import time
from dataclasses import dataclass

from batch_service.domain.ports import Housekeeping, Uploads, WakeUp

_JOBS_AT_ONCE = 20
_CHUNKS_RUNG_FOR = 8


@dataclass(slots=True)
class KeepHouse:
    """Expires jobs whose time is over, forgets old ones, what need not be sent again and broken-off uploads; wakes workers."""

    store: Housekeeping
    uploads: Uploads
    wake_up: WakeUp
    owner: str
    retention_s: float
    retry_window_s: float
    lease_s: float = 15.0
    busy_for_s: float = 0.0
    """While workers are at work, how long to wait between two rings: they look for more by themselves."""
    rang_at: float = -math.inf

    def __call__(self) -> None:
        """Do the round, unless another process keeps house."""
        if not self.store.lead(self.owner, lease_s=self.lease_s):
            return
        self.store.expire_due()
        while self.store.purge(retention_s=self.retention_s, limit=_JOBS_AT_ONCE) == _JOBS_AT_ONCE:
            continue
        while self.store.erase_requests(retry_window_s=self.retry_window_s, limit=_JOBS_AT_ONCE) == _JOBS_AT_ONCE:
            continue
        for job_id in self.uploads.lost(limit=_JOBS_AT_ONCE):
            self.uploads.discard(job_id)
        self.store.empty_log()
        free = self.store.free_chunks(at_most=_CHUNKS_RUNG_FOR)
        if free and self._may_ring():
            self.rang_at = time.monotonic()
            self.wake_up.ring(free)

    def _may_ring(self) -> bool:
        return time.monotonic() - self.rang_at >= self.busy_for_s or not self.store.is_at_work()
