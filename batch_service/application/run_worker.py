"""The embedded worker: claims chunks as long as there are any, runs several at a time, sleeps until it is woken."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from batch_service.application.work import Work
from batch_service.domain.chunk import Claim
from batch_service.domain.ports import Bell

_log = logging.getLogger(__name__)
_IDLE_S = 0.5
_AFTER_FAILURE_S = 1.0


@dataclass(frozen=True, slots=True)
class RunWorker:
    """Runs in a process of its own; several may run on one database."""

    work: Work
    bell: Bell

    def __call__(self, stopping: Callable[[], bool]) -> None:
        """Work until `stopping` says so; then hand back what has not been sent and return."""
        with closing(self.work), ThreadPoolExecutor(self.work.slots.total, thread_name_prefix="chunk") as pool:
            while not stopping():
                claim = self._claim()
                if claim is None:
                    self.bell.wait(_IDLE_S)
                    continue
                future = pool.submit(self.work.run, claim, stopping)
                future.add_done_callback(lambda _: self.bell.ring())

    def _claim(self) -> Claim | None:
        try:
            return self.work.claim()
        except Exception:  # the database is away: whatever it says, the worker outlives it
            _log.exception("claiming failed")
            self.bell.wait(_AFTER_FAILURE_S)
            return None
