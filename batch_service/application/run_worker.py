"""The worker: claims chunks as long as there are any, runs a few at a time, sleeps until it is woken."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from batch_service.application.run_chunk import RunChunk
from batch_service.domain.chunk import Claim
from batch_service.domain.errors import LeaseLostError
from batch_service.domain.job import Job
from batch_service.domain.ports import JobStore, WakeUp

_log = logging.getLogger(__name__)
_IDLE_S = 0.5
_AFTER_FAILURE_S = 1.0


@dataclass(frozen=True, slots=True)
class RunWorker:
    """Runs in a process of its own; several may run on one database."""

    store: JobStore
    wake_up: WakeUp
    run_chunk: RunChunk
    owner: str
    chunks_at_once: int = 4

    def __call__(self, stopping: Callable[[], bool]) -> None:
        """Work until `stopping` says so; then hand back what has not been sent and return."""
        with ThreadPoolExecutor(self.chunks_at_once, thread_name_prefix="chunk") as pool:
            running: set[Future[None]] = set()
            while not stopping():
                running = {future for future in running if not future.done()}
                claim = self._claim() if len(running) < self.chunks_at_once else None
                if claim is None:
                    self.wake_up.wait(_IDLE_S)
                    continue
                future = pool.submit(self._run, claim, stopping)
                future.add_done_callback(lambda _: self.wake_up.ring())
                running.add(future)

    def _claim(self) -> Claim | None:
        try:
            return self.store.claim(self.owner, lease_s=self.run_chunk.lease_s)
        except Exception:  # the database is away: whatever it says, the worker outlives it
            _log.exception("claiming failed")
            self.wake_up.wait(_AFTER_FAILURE_S)
            return None

    def _run(self, claim: Claim, stopping: Callable[[], bool]) -> None:
        try:
            self._report(self.run_chunk(claim, stopping=stopping))
        except LeaseLostError:
            _log.warning("chunk %s/%s: lease lost, another worker has it", claim.job_id, claim.number)
        except Exception:  # its lease runs out and someone claims it again
            _log.exception("chunk %s/%s failed", claim.job_id, claim.number)

    def _report(self, job: Job) -> None:
        if job.status.is_final:
            _log.info(
                "job %s %s: succeeded=%d failed=%d connections_opened=%d",
                job.id,
                job.status,
                job.counts.succeeded,
                job.counts.failed,
                self.run_chunk.fan_out.connections_opened,
            )
