"""One chunk while it runs, in memory: plain state, which neither stores nor knows how items travel."""

import heapq
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from batch_service.domain.attempt import Outcome, Request
from batch_service.domain.chunk import Claim
from batch_service.domain.entity import Entity
from batch_service.domain.item import Item, ItemResult
from batch_service.domain.job import Stop
from batch_service.domain.outcome import Again, decide, may_have_been_applied, may_send_again, refused, stopped
from batch_service.domain.ports import Exchange
from batch_service.domain.refusal import OUTCOME_UNKNOWN

_JSON = "application/json"
_GOOD_MANY = 64


@dataclass(slots=True)
class ChunkRun:
    """What of a chunk is unsent, underway, waiting for another attempt, or done."""

    entity: Entity
    claim: Claim
    exchange: Exchange
    open_items: dict[int, Item] = field(default_factory=dict)
    """Those without a result, by position."""
    unsent: deque[Item] = field(default_factory=deque)
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
        """Say whether every item has its result, or was taken back."""
        return not self.open_items

    def __post_init__(self) -> None:
        """Answer what is not to be sent at all; the rest is open."""
        for item in self.claim.items:
            self.attempts[item.index] = item.attempts
            answer = self._answer_unsent(item)
            if answer is None:
                self.open_items[item.index] = item
                self.unsent.append(item)
            else:
                self.results.append(answer)

    def is_sent_once(self, item: Item) -> bool:
        """Say whether a second sending of the item could do harm."""
        return not may_send_again(self.entity, item)

    def _answer_unsent(self, item: Item) -> ItemResult | None:
        """Answer an item that is not to be sent: its job has stopped, or it was sent perhaps, with no harmless second time."""
        if self._may_have_been_sent(item) and (self.claim.stop is not None or self.is_sent_once(item)):
            return refused(item.index, OUTCOME_UNKNOWN, attempts=item.attempts)
        return None if self.claim.stop is None else stopped(item.index, self.claim.stop, attempts=item.attempts)

    def _may_have_been_sent(self, item: Item) -> bool:
        """Say whether an earlier worker may have sent the item: it says so beforehand where it matters."""
        is_noted = item.attempts > 0 or not self.is_sent_once(item)
        return self.claim.was_claimed_before and is_noted and not item.is_safe

    def next_items(self) -> list[Item]:
        """Take what is due again, and as many new items as may be underway at once."""
        items = []
        now = time.monotonic()
        while self.waiting and self.waiting[0][0] <= now:
            items.append(self.open_items[heapq.heappop(self.waiting)[1]])
        free = self._window - (len(self.open_items) - len(self.unsent) - len(self.waiting))
        if free >= self._window // 2:
            items.extend(self.unsent.popleft() for _ in range(min(free, len(self.unsent))))
        return items

    @property
    def _window(self) -> int:
        """How many items may be underway: those that are sent once are few, for each is unknown if the worker dies."""
        return len(self.claim.items) if self.entity.idempotent_writes else 2 * self.entity.concurrency

    def send(self, items: Sequence[Item]) -> None:
        """Hand items to the exchange."""
        if items:
            self.exchange.send([self._request(item) for item in items])

    def advance(self, at_most_s: float) -> None:
        """Wait a moment for outcomes, and take them in."""
        now = time.monotonic()
        timeout_s = min(at_most_s, max(0.0, self.waiting[0][0] - now)) if self.waiting else at_most_s
        for outcome in self.exchange.collect(timeout_s, enough=min(_GOOD_MANY, max(1, self._window // 2))):
            self._take(outcome)

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
        if index in self.unclear:
            return refused(index, OUTCOME_UNKNOWN, attempts=self.attempts[index])
        return stopped(index, why, attempts=self.attempts[index])

    def recall(self) -> None:
        """Keep from sending any more; the chunk is handed back with what is left."""
        self.handed_back = bool(self._take_back()) or self.handed_back

    def _take_back(self) -> list[int]:
        unsent = [item.index for item in self.unsent]
        indexes = [*self.exchange.recall(), *(index for _, index in self.waiting), *unsent]
        self.waiting.clear()
        self.unsent.clear()
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

    def _request(self, item: Item) -> Request:
        headers = {"idempotency-key": item.key or f"{self.claim.job_id}:{item.index}", "accept": _JSON, **item.headers}
        if item.body is not None:
            headers.setdefault("content-type", _JSON)
        if self.claim.traceparent is not None:
            headers.setdefault("traceparent", self.claim.traceparent)
        return Request(item.index, item.method, item.target, headers, item.body)
