"""One chunk while it runs, in memory: plain state, which neither stores nor knows how items travel."""

import heapq
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, inf

from batch_service.application.item_run import ItemRun
from batch_service.domain.attempt import Outcome, Request
from batch_service.domain.chunk import Claim, Unfinished
from batch_service.domain.circuit import Hold
from batch_service.domain.credential import Credential
from batch_service.domain.entity import Entity
from batch_service.domain.item import Item, ItemResult
from batch_service.domain.job import Stop
from batch_service.domain.outcome import decide, may_have_been_applied, may_send_again, refused, stopped
from batch_service.domain.ports import Exchange
from batch_service.domain.refusal import (
    ATTEMPTS_EXHAUSTED,
    CIRCUIT_OPEN,
    CREDENTIAL_EXPIRED,
    ITEM_TIMED_OUT,
    OUTCOME_UNKNOWN,
    PAYLOAD_UNREADABLE,
    Refusal,
)

_JSON = "application/json"
_GOOD_MANY = 64
_WITHOUT_BUDGET_S = 1.0


@dataclass(slots=True)
class ChunkRun:
    """What of a chunk is unsent, underway, waiting for another attempt, or done."""

    entity: Entity
    claim: Claim
    exchange: Exchange
    open_items: dict[int, ItemRun] = field(default_factory=dict)
    """Those without a result, by position."""
    unsent: deque[ItemRun] = field(default_factory=deque)
    waiting: list[tuple[float, int]] = field(default_factory=list)
    """A heap of when an item is due again, and its position."""
    results: list[ItemResult] = field(default_factory=list)
    recorded_at: float = field(default_factory=time.monotonic)
    stopped: Stop | None = None
    left: list[ItemRun] = field(default_factory=list)
    """Those that are handed back."""
    errors: int = 0
    patient: bool = True
    """Nobody waits at a connection for the job, or not any more."""
    credential: Credential | None = None
    """What travels on to the target."""
    credential_ends_at: float = inf

    def __post_init__(self) -> None:
        """Answer what is not to be sent at all; the rest is open."""
        self.patient = self.claim.patient
        if self.entity.forward_authorization:
            self.credential = self.claim.credential
        if self.credential is not None and self.claim.credential_left_s is not None:
            self.credential_ends_at = time.monotonic() + self.claim.credential_left_s
        for item in self.claim.items:
            answer = self._answer_unsent(item)
            if answer is None:
                self._open(ItemRun.of(item, unclear=self._may_have_been_sent(item)))
            else:
                self.results.append(answer)

    def _open(self, run: ItemRun) -> None:
        self.open_items[run.item.index] = run
        if run.due_at > time.monotonic():
            heapq.heappush(self.waiting, (run.due_at, run.item.index))
        else:
            self.unsent.append(run)

    @property
    def has_too_many_errors(self) -> bool:
        """Say whether this chunk alone is more than the sender would bear; the job store adds up all of them."""
        return self.claim.errors_left is not None and self.errors >= self.claim.errors_left

    @property
    def is_complete(self) -> bool:
        """Say whether every item has its result, or was taken back."""
        return not self.open_items

    @property
    def has_expired_credential(self) -> bool:
        """Say whether nothing more may be sent in the sender's name."""
        return time.monotonic() >= self.credential_ends_at

    @property
    def idle_s(self) -> float:
        """For how long there is nothing to do, since all that is open waits for another attempt."""
        if not self.waiting or len(self.waiting) < len(self.open_items):
            return 0.0
        return max(0.0, self.waiting[0][0] - time.monotonic())

    @property
    def remembered(self) -> list[Unfinished]:
        """Those that are handed back and not as they were found: they were sent, or noted."""
        return [run.unfinished() for run in self.left if run.attempts or run.unclear or self.must_note(run)]

    @property
    def left_wait_s(self) -> float:
        """For how long nothing of what is handed back is due."""
        return max(0.0, min((run.due_at for run in self.left), default=0.0) - time.monotonic())

    def must_note(self, run: ItemRun) -> bool:
        """Say whether the job store must know of an item before it leaves: a second sending could do harm."""
        return self.claim.needs_care or not may_send_again(self.entity, run.item)

    def _answer_unsent(self, item: Item) -> ItemResult | None:
        """Answer an item that is not to be sent: its job has stopped, or it was sent perhaps, with no harmless second time."""
        if self._may_have_been_sent(item) and (self.claim.stop is not None or not may_send_again(self.entity, item)):
            return refused(item.index, OUTCOME_UNKNOWN, attempts=item.attempts)
        if item.underway and self.claim.needs_care and item.attempts > self.entity.retries:
            return refused(item.index, ATTEMPTS_EXHAUSTED, attempts=item.attempts)
        if not item.is_readable:
            why = OUTCOME_UNKNOWN if self._may_have_been_sent(item) else PAYLOAD_UNREADABLE
            return refused(item.index, why, attempts=item.attempts)
        return None if self.claim.stop is None else stopped(item.index, self.claim.stop, attempts=item.attempts)

    def _may_have_been_sent(self, item: Item) -> bool:
        """Say whether an earlier worker may have sent the item: it says so beforehand where it matters."""
        if item.is_safe:
            return False
        was_sent = self.claim.was_claimed_before if may_send_again(self.entity, item) else item.underway
        return was_sent or item.unclear

    def next_items(self, may_retry: Callable[[], bool]) -> list[ItemRun]:
        """Take what is due again, as far as the retry budget goes, and as many new items as may be underway at once."""
        due = list(self._due_items(may_retry))
        free = self._window - (len(self.open_items) - len(self.unsent) - len(self.waiting))
        if free >= self._window // 2:
            due.extend(self.unsent.popleft() for _ in range(min(free, len(self.unsent))))
        return due

    def _due_items(self, may_retry: Callable[[], bool]) -> Iterable[ItemRun]:
        now = time.monotonic()
        while self.waiting and self.waiting[0][0] <= now:
            run = self.open_items[heapq.heappop(self.waiting)[1]]
            if not may_retry():
                self._wait(run, _WITHOUT_BUDGET_S)
                return
            yield run

    @property
    def _window(self) -> int:
        """How many items may be underway: those that are sent once are few, for each is unknown if the worker dies.

        Of a job that is to stop at an error, no more than leave at once: these still end as they end.
        """
        if self.claim.needs_care:
            return 1
        if self.claim.errors_left is not None:
            return self.entity.concurrency
        return len(self.claim.items) if self.entity.idempotent_writes else 2 * self.entity.concurrency

    def send(self, runs: Sequence[ItemRun]) -> None:
        """Hand items to the exchange."""
        now = time.monotonic()
        requests = []
        for run in runs:
            if run.is_overdue(self.entity.item_timeout_s):
                self._finish(refused(run.item.index, ITEM_TIMED_OUT, attempts=run.attempts))
                continue
            run.first_sent_at = run.first_sent_at or now
            requests.append(self._request(run.item))
        if requests:
            self.exchange.send(requests)

    def advance(self, at_most_s: float) -> Iterable[Outcome]:
        """Wait a moment for outcomes."""
        now = time.monotonic()
        timeout_s = min(at_most_s, max(0.0, self.credential_ends_at - now))
        if self.waiting:
            timeout_s = min(timeout_s, max(0.0, self.waiting[0][0] - now))
        return self.exchange.collect(timeout_s, enough=min(_GOOD_MANY, max(1, self._window // 2)))

    def take(self, outcome: Outcome, *, outwaits: bool) -> None:
        """Take in the end of an attempt; an item that outwaits its target's failing is never given up for it."""
        run = self.open_items[outcome.index]
        run.attempts += 1
        attempts = min(run.attempts, self.entity.retries) if outwaits else run.attempts
        decision = decide(self.entity, run.item, outcome, attempts=attempts)
        if isinstance(decision, ItemResult):
            self._finish(decision)
            return
        run.unclear = run.unclear or may_have_been_applied(run.item, outcome)
        if self.stopped is not None:
            self._finish(self._stopped(run, self.stopped))
        elif run.is_overdue(self.entity.item_timeout_s, in_s=decision.delay_s):
            self._finish(refused(run.item.index, ITEM_TIMED_OUT, attempts=run.attempts))
        else:
            self._wait(run, decision.delay_s)

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
        self.results.extend(self._stopped(run, why) for run in self._take_back())

    def fail_fast(self, hold: Hold) -> None:
        """Tell whoever waits that the target is failing, and for how long at least; what has left keeps its own result."""
        headers = {"Retry-After": str(ceil(hold.for_s))}
        self.results.extend(replace(result, headers=headers) for result in self._refuse_rest(CIRCUIT_OPEN))

    def end_credential(self) -> None:
        """Answer what has not left, now that the sender's credential is of no use; it is never renewed by magic."""
        self.results.extend(self._refuse_rest(CREDENTIAL_EXPIRED))

    def hand_back(self) -> None:
        """Keep from sending any more; the chunk is handed back with what is left."""
        self.left.extend(self._take_back())

    def _stopped(self, run: ItemRun, why: Stop) -> ItemResult:
        if run.unclear:
            return refused(run.item.index, OUTCOME_UNKNOWN, attempts=run.attempts)
        return stopped(run.item.index, why, attempts=run.attempts)

    def _refuse_rest(self, why: Refusal) -> list[ItemResult]:
        runs = self._take_back()
        return [refused(run.item.index, OUTCOME_UNKNOWN if run.unclear else why, attempts=run.attempts) for run in runs]

    def _take_back(self) -> list[ItemRun]:
        indexes = [*self.exchange.recall(), *(index for _, index in self.waiting), *(run.item.index for run in self.unsent)]
        self.waiting.clear()
        self.unsent.clear()
        return [self.open_items.pop(index) for index in indexes]

    def _wait(self, run: ItemRun, delay_s: float) -> None:
        run.due_at = time.monotonic() + delay_s
        heapq.heappush(self.waiting, (run.due_at, run.item.index))

    def _finish(self, result: ItemResult) -> None:
        del self.open_items[result.index]
        self.results.append(result)
        self.errors += not result.succeeded

    def _request(self, item: Item) -> Request:
        headers = {"idempotency-key": item.key or f"{self.claim.job_id}:{item.index}", "accept": _JSON, **item.headers}
        if item.body is not None:
            headers.setdefault("content-type", _JSON)
        if self.claim.traceparent is not None:
            headers.setdefault("traceparent", self.claim.traceparent)
        if self.credential is not None:
            headers["authorization"] = f"Bearer {self.credential.value}"
        return Request(item.index, item.method, item.target, headers, item.body)
