"""Run one chunk: send its items, try again what may be tried again, record each result under the lease."""

from collections.abc import Callable
from dataclasses import dataclass

from batch_service.application.chunk_run import ChunkRun
from batch_service.domain.chunk import Claim
from batch_service.domain.job import Job, Stop
from batch_service.domain.ports import EntityRegistry, FanOut, JobStore

_RENEW_EVERY_S = 1.0
_LOOK_FOR_ERRORS_S = 0.01


@dataclass(frozen=True, slots=True)
class RunChunk:
    """The one way in which items reach a target, whoever claimed the chunk."""

    registry: EntityRegistry
    store: JobStore
    fan_out: FanOut
    lease_s: float = 15.0
    record_every_s: float = 0.25

    def __call__(self, claim: Claim, *, stopping: Callable[[], bool] = lambda: False) -> Job:
        """Bring every item of the chunk to a final result, or hand the chunk back when the worker is stopping.

        Returns the job as it then stands.

        Raises:
            LeaseLostError: another worker has the chunk by now.
        """
        entity = self.registry.get(claim.entity)
        run = ChunkRun(entity, claim, self.fan_out.open(entity))
        try:
            return self._bring_to_an_end(run, stopping)
        finally:
            run.exchange.recall()  # without the lease nothing more may leave

    def _bring_to_an_end(self, run: ChunkRun, stopping: Callable[[], bool]) -> Job:
        renew_every_s = min(_RENEW_EVERY_S, self.lease_s / 3)
        look_every_s = min(self.record_every_s, renew_every_s)
        while not run.is_complete:
            self._send(run)
            run.advance(look_every_s if run.claim.errors_left is None else _LOOK_FOR_ERRORS_S)
            if run.has_too_many_errors and run.stopped is None:
                run.stop(Stop.ERRORS)
            if stopping():
                run.recall()
            every_s = self.record_every_s if run.results else renew_every_s
            if run.must_record(every_s) and not run.is_complete:
                job = self._record(run, last=False)
                if job.stop is not None:
                    run.stop(job.stop)
        job = self._record(run, last=not run.handed_back)
        if run.handed_back:
            self.store.release(run.claim)
        return job

    def _send(self, run: ChunkRun) -> None:
        """Send the next items; those that may be sent only once are noted before they leave."""
        items = run.next_items()
        once = [item.index for item in items if run.is_sent_once(item)]
        if once:
            self.store.mark_sent(run.claim, once, lease_s=self.lease_s)
        run.send(items)

    def _record(self, run: ChunkRun, *, last: bool) -> Job:
        return self.store.record(run.claim, run.take_results(), lease_s=self.lease_s, last=last)
