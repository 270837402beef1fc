"""Run one chunk: send its items, try again what may be tried again, record each result under the lease."""

import heapq
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from batch_service.domain.attempt import Outcome, Request
from batch_service.domain.chunk import Claim
from batch_service.domain.entity import Entity
from batch_service.domain.item import Item, ItemResult
from batch_service.domain.job import Job, Stop
from batch_service.domain.outcome import Again, decide, may_have_been_applied, may_send_again, refused, stopped
from batch_service.domain.ports import EntityRegistry, Exchange, FanOut, JobStore
from batch_service.domain.refusal import OUTCOME_UNKNOWN

_JSON = "application/json"
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
        run = _Run(entity, claim, self.fan_out.open(entity))
        try:
            return self._bring_to_an_end(run, claim, stopping)
        finally:
            run.exchange.recall()  # without the lease nothing more may leave

    def _bring_to_an_end(self, run: "_Run", claim: Claim, stopping: Callable[[], bool]) -> Job:
        renew_every_s = min(_RENEW_EVERY_S, self.lease_s / 3)
        run.start()
        while not run.is_complete:
            run.advance(min(self.record_every_s, renew_every_s, _LOOK_FOR_ERRORS_S if claim.errors_left is not None else 1.0))
            if run.has_too_many_errors and run.stopped is None:
                run.stop(Stop.ERRORS)
            if stopping():
                run.recall()
            every_s = self.record_every_s if run.results else renew_every_s
            if run.must_record(every_s) and not run.is_complete:
                job = self.store.record(claim, run.take_results(), lease_s=self.lease_s, last=False)
                if job.stop is not None:
                    run.stop(job.stop)
        job = self.store.record(claim, run.take_results(), lease_s=self.lease_s, last=not run.handed_back)
        if run.handed_back:
            self.store.release(claim)
        return job


@dataclass(slots=True)
class _Run:
    """The state of one chunk while it runs."""

    entity: Entity
    claim: Claim
    exchange: Exchange
    open_items: dict[int, Item] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    waiting: list[tuple[float, int]] = field(default_factory=list)
    """A heap of when an item is due again, and its position."""
    results: list[ItemResult] = field(default_factory=list)
    recorded_at: float = field(default_factory=time.monotonic)
    unclear: set[int] = field(default_factory=set)
    """Positions of those waiting that may have been applied already."""
    stopped: Stop | None = None
    handed_back: bool = False
    errors: int = 0

    @property
    def has_too_many_errors(self) -> bool:
        """Say whether this chunk alone is more than the sender would bear; the job store adds up all of them."""
        return self.claim.errors_left is not None and self.errors >= self.claim.errors_left

    @property
    def is_complete(self) -> bool:
        return not self.open_items

    def start(self) -> None:
        """Send what may be sent; a POST that an earlier worker may have sent is not, unless the target knows its key."""
        self.attempts = {item.index: item.attempts for item in self.claim.items}
        for item in self.claim.items:
            answer = self._answer_unsent(item)
            if answer is None:
                self.open_items[item.index] = item
            else:
                self.results.append(answer)
        self._send(list(self.open_items.values()))

    def _answer_unsent(self, item: Item) -> ItemResult | None:
        """Answer an item that is not to be sent: its job has stopped, or it was sent perhaps, with no harmless second time."""
        claimed_before = self.claim.was_claimed_before
        if self.claim.stop is None:
            is_unknown = claimed_before and not may_send_again(self.entity, item)
        else:
            is_unknown = claimed_before and not item.is_safe
        if is_unknown:
            return refused(item.index, OUTCOME_UNKNOWN, attempts=item.attempts)
        return None if self.claim.stop is None else stopped(item.index, self.claim.stop, attempts=item.attempts)

    def advance(self, at_most_s: float) -> None:
        """Wait a moment for outcomes; take them in; send what is due again."""
        now = time.monotonic()
        timeout_s = min(at_most_s, max(0.0, self.waiting[0][0] - now)) if self.waiting else at_most_s
        for outcome in self.exchange.collect(timeout_s):
            self._take(outcome)
        self._send_due()

    def must_record(self, every_s: float) -> bool:
        """Say whether it is time to write: results do not wait for long, and a silent lease is renewed too."""
        return time.monotonic() - self.recorded_at >= every_s

    def take_results(self) -> Sequence[ItemResult]:
        """Hand over the results that are not recorded yet."""
        taken, self.results = self.results, []
        self.recorded_at = time.monotonic()
        return taken

    def stop(self, why: Stop) -> None:
        """End what has not left; what has left keeps its own result, and is not sent again."""
        self.stopped = why
        self.results.extend(self._stopped(index, why) for index in self._take_back())

    def _stopped(self, index: int, why: Stop) -> ItemResult:
        attempts = self.attempts[index]
        return (
            refused(index, OUTCOME_UNKNOWN, attempts=attempts)
            if index in self.unclear
            else stopped(index, why, attempts=attempts)
        )

    def recall(self) -> None:
        """Keep from sending any more; the chunk is handed back with what is left."""
        self.handed_back = bool(self._take_back()) or self.handed_back

    def _take_back(self) -> list[int]:
        indexes = [*self.exchange.recall(), *(index for _, index in self.waiting)]
        self.waiting.clear()
        for index in indexes:
            del self.open_items[index]
        return indexes

    def _take(self, outcome: Outcome) -> None:
        item = self.open_items[outcome.index]
        self.attempts[item.index] += 1
        decision = decide(self.entity, item, outcome, attempts=self.attempts[item.index])
        if isinstance(decision, Again) and may_have_been_applied(item, outcome):
            self.unclear.add(item.index)
        if isinstance(decision, Again) and self.stopped is not None:
            decision = self._stopped(item.index, self.stopped)
        if isinstance(decision, Again):
            heapq.heappush(self.waiting, (time.monotonic() + decision.delay_s, item.index))
        else:
            del self.open_items[item.index]
            self.results.append(decision)
            self.errors += not decision.succeeded

    def _send_due(self) -> None:
        now = time.monotonic()
        due: list[Item] = []
        while self.waiting and self.waiting[0][0] <= now:
            due.append(self.open_items[heapq.heappop(self.waiting)[1]])
        if due:
            self._send(due)

    def _send(self, items: Sequence[Item]) -> None:
        self.exchange.send([self._request(item) for item in items])

    def _request(self, item: Item) -> Request:
        headers = {"idempotency-key": item.key or f"{self.claim.job_id}:{item.index}", "accept": _JSON, **item.headers}
        if item.body is not None:
            headers.setdefault("content-type", _JSON)
        if self.claim.traceparent is not None:
            headers.setdefault("traceparent", self.claim.traceparent)
        return Request(item.index, item.method, item.target, headers, item.body)
