"""Run one chunk: send its items, try again what may be tried again, record each result under the lease."""

from collections.abc import Callable
from dataclasses import dataclass

from batch_service.application.chunk_run import ChunkRun
from batch_service.application.targets import Targets
from batch_service.domain.attempt import Outcome
from batch_service.domain.chunk import Claim
from batch_service.domain.circuit import is_away
from batch_service.domain.job import Job, Stop
from batch_service.domain.ports import EntityRegistry, FanOut, JobStore

_RENEW_EVERY_S = 1.0
_LOOK_FOR_ERRORS_S = 0.01
# A chunk with nothing to do for longer than this gives its slot to another.
_LONGEST_IDLE_S = 1.0


@dataclass(frozen=True, slots=True)
class RunChunk:
    """The one way in which items reach a target, whoever claimed the chunk."""

    registry: EntityRegistry
    store: JobStore
    fan_out: FanOut
    targets: Targets
    lease_s: float = 15.0
    record_every_s: float = 0.25

    def __call__(self, claim: Claim, *, stopping: Callable[[], bool] = lambda: False) -> Job:
        """Bring every item of the chunk to a final result, or hand the chunk back: to another worker, or to a later time.

        Returns the job as it then stands.

        Raises:
            LeaseLostError: another worker has the chunk by now.
        """
        entity = self.registry.get(claim.entity)
        self.targets.open(entity)
        run = ChunkRun(entity, claim, self.fan_out.open(entity))
        try:
            return self._bring_to_an_end(run, stopping)
        finally:
            run.exchange.recall()  # without the lease nothing more may leave

    def _bring_to_an_end(self, run: ChunkRun, stopping: Callable[[], bool]) -> Job:
        while not run.is_complete:
            self._renew(run)
            self._yield(run, stopping)
            self._send(run)
            self._advance(run)
        job = self._record(run, last=not run.left)
        if run.left:
            hold = self.targets.hold(run.entity)
            self.store.release(run.claim, run.remembered, wait_s=max(run.left_wait_s, hold.for_s if hold else 0.0))
        return job

    def _renew(self, run: ChunkRun) -> None:
        """Record what has come, or renew the lease; before anything else, since this process may have been paused."""
        every_s = self.record_every_s if run.results else self._renew_every_s
        if run.must_record(every_s):
            job = self._record(run, last=False)
            run.patient = job.patient
            if job.stop is not None:
                run.stop(job.stop)

    def _yield(self, run: ChunkRun, stopping: Callable[[], bool]) -> None:
        """Take back what is not to leave now: it may not, the worker stops, the target is left alone, or nothing is due."""
        if run.has_expired_credential:
            run.end_credential()
            return
        hold = self.targets.hold(run.entity)
        if hold is not None and hold.fails_fast and not run.patient:
            run.fail_fast(hold)
            return
        idle_s = max(run.idle_s, hold.for_s if hold else 0.0)
        if stopping() or idle_s > _LONGEST_IDLE_S or not self.targets.has_room(run.entity.name):
            run.hand_back()

    def _send(self, run: ChunkRun) -> None:
        """Send the next items; those that may be sent only once are noted before they leave."""
        items = run.next_items(lambda: self.targets.may_retry(run.entity))
        noted = [item.item.index for item in items if run.must_note(item)]
        if noted:
            self.store.mark_sent(run.claim, noted, lease_s=self.lease_s)
        run.send(items)

    def _advance(self, run: ChunkRun) -> None:
        look_every_s = min(self.record_every_s, self._renew_every_s)
        for outcome in run.advance(look_every_s if run.claim.errors_left is None else _LOOK_FOR_ERRORS_S):
            run.take(outcome, outwaits=self._outwaits(run, outcome))
        if run.has_too_many_errors and run.stopped is None:
            run.stop(Stop.ERRORS)

    def _outwaits(self, run: ChunkRun, outcome: Outcome) -> bool:
        """Say whether an item is not to be given up for this outcome: its target is away, and nobody waits for it."""
        return run.patient and is_away(outcome) and self.targets.is_failing(run.entity)

    @property
    def _renew_every_s(self) -> float:
        return min(_RENEW_EVERY_S, self.lease_s / 3)

    def _record(self, run: ChunkRun, *, last: bool) -> Job:
        return self.store.record(run.claim, run.take_results(), lease_s=self.lease_s, last=last)
