"""What has to be done from time to time, whoever does it: a loop in every process, one of them at a time.

It is never a queued task: a queue that lost its tasks would then never be swept.
"""

from dataclasses import dataclass

from batch_service.domain.ports import Housekeeping, WakeUp

_JOBS_AT_ONCE = 20
_CHUNKS_RUNG_FOR = 8


@dataclass(frozen=True, slots=True)
class KeepHouse:
    """Expires jobs whose time is over, forgets old ones, and wakes workers for what has none."""

    store: Housekeeping
    wake_up: WakeUp
    owner: str
    retention_s: float
    lease_s: float = 15.0

    def __call__(self) -> None:
        """Do the round, unless another process keeps house."""
        if not self.store.lead(self.owner, lease_s=self.lease_s):
            return
        self.store.expire_due()
        while self.store.purge(retention_s=self.retention_s, limit=_JOBS_AT_ONCE) == _JOBS_AT_ONCE:
            continue
        free = self.store.free_chunks(at_most=_CHUNKS_RUNG_FOR)
        if free:
            self.wake_up.ring(free)
