"""The fast lane: items travel through their target's own batch door, many in one request, and come back one by one.

Whoever runs a chunk sees no difference: it sends items and collects an outcome for each. Items that do not fit, and all of them
where the door turns out to be shut or too small, go by themselves.
"""

import time
from collections.abc import Sequence
from threading import Lock

from batch_service.adapters.door_format import MalformedAnswerError, creates, fits, pack, unpack
from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent, Outcome, Request
from batch_service.domain.entity import BatchDoor, Entity
from batch_service.domain.ports import Exchange, FanOut

_NO_DOOR = frozenset({404, 405, 415, 501})
_TOO_LARGE = 413
# It refused the request as a whole, and so applied none of it.
_NOT_UNDERSTOOD = frozenset({400, 422})
_SHUT_FOR_S = 60.0


class DoorState:
    """What is known of one door in one process."""

    def __init__(self, door: BatchDoor) -> None:
        self.door = door
        self._max_items = door.max_items
        self._shut_until = 0.0
        self._lock = Lock()

    @property
    def max_items(self) -> int:
        """How many items to send at once; 0 while the door is shut."""
        return 0 if time.monotonic() < self._shut_until else self._max_items

    def shut(self) -> None:
        """Note that there is no door, for a while: the target may be brought to another version meanwhile."""
        self._shut_until = time.monotonic() + _SHUT_FOR_S

    def shrink(self, refused_items: int) -> None:
        """Note that so many items were too many."""
        with self._lock:
            self._max_items = max(1, min(self._max_items, refused_items // 2))


class DoorFanOut:
    """A fan-out in front of another one."""

    def __init__(self, fan_out: FanOut) -> None:
        self._fan_out = fan_out
        self._doors: dict[Entity, DoorState] = {}

    @property
    def connections_opened(self) -> int:
        """TCP connections opened to targets since the process began."""
        return self._fan_out.connections_opened

    def open(self, entity: Entity) -> Exchange:
        """Begin an exchange with the entity's target."""
        exchange = self._fan_out.open(entity)
        if entity.door is None:
            return exchange
        return DoorExchange(entity, exchange, self._doors.setdefault(entity, DoorState(entity.door)))


class DoorExchange:
    """The conversation of one chunk with one target that has a door."""

    def __init__(self, entity: Entity, exchange: Exchange, state: DoorState) -> None:
        self._entity = entity
        self._exchange = exchange
        self._state = state
        self._groups: dict[int, Sequence[Request]] = {}
        self._last_group = 0
        self._is_recalled = False

    def send(self, requests: Sequence[Request]) -> None:
        """Queue requests, as many together as the door takes."""
        self._is_recalled = False
        size = self._state.max_items
        through = [request for request in requests if fits(self._entity, request)] if size else []
        alone = [request for request in requests if not fits(self._entity, request)] if size else requests
        groups = [through[first : first + size] for first in range(0, len(through), size or 1)]
        self._exchange.send([*(self._pack(group) for group in groups), *map(self._by_itself, alone)])

    def collect(self, timeout_s: float, *, enough: int) -> list[Outcome]:
        """Return the outcomes that came since the last call, one for each item."""
        came = self._exchange.collect(timeout_s, enough=1 if self._groups else enough)
        return [outcome for each in came for outcome in self._unfold(each)]

    def recall(self) -> list[int]:
        """Take back what has not left yet; return the positions of the items."""
        self._is_recalled = True
        return [position for index in self._exchange.recall() for position in self._positions(index)]

    def _pack(self, group: Sequence[Request]) -> Request:
        self._last_group -= 1  # the positions of items are not negative
        self._groups[self._last_group] = group
        return pack(self._state.door, self._last_group, group)

    def _by_itself(self, request: Request) -> Request:
        """Where the collection itself is the door, one that creates goes as an array of one: an object is refused there."""
        return self._pack([request]) if self._state.door.is_collection and creates(self._entity, request) else request

    def _positions(self, index: int) -> list[int]:
        return [request.index for request in self._groups.pop(index)] if index < 0 else [index]

    def _unfold(self, outcome: Outcome) -> list[Outcome]:
        if outcome.index >= 0:
            return [outcome]
        group = self._groups.pop(outcome.index)
        match outcome:
            case NotSent(fault=fault):
                return [NotSent(request.index, fault) for request in group]
            case MaybeApplied(fault=Fault.TOO_LARGE) if len(group) > 1 and self._entity.idempotent_writes:
                return self._send_smaller(group)
            case MaybeApplied(fault=fault):
                return [MaybeApplied(request.index, fault) for request in group]
            case Answered():
                return self._unfold_answer(group, outcome)

    def _unfold_answer(self, group: Sequence[Request], answer: Answered) -> list[Outcome]:
        if answer.status == 200:
            try:
                return unpack(group, answer)
            except MalformedAnswerError:
                return [MaybeApplied(request.index, Fault.BROKEN) for request in group]
        if answer.status == _TOO_LARGE and len(group) > 1:
            return self._send_smaller(group)
        if self._state.door.is_collection and len(group) == 1:
            return [_answer_of(group[0], answer)]
        if answer.status in _NO_DOOR:
            self._state.shut()
        if answer.status in _NO_DOOR | _NOT_UNDERSTOOD | {_TOO_LARGE} or self._may_be_one_items_fault(answer):
            return self._send_alone(group)
        return [_answer_of(request, answer) for request in group]

    def _may_be_one_items_fault(self, answer: Answered) -> bool:
        """Say whether the others are better sent by themselves: they may, and one of them may be what the door broke at."""
        return answer.status == 500 and self._entity.idempotent_writes

    def _send_alone(self, group: Sequence[Request]) -> list[Outcome]:
        if self._is_recalled:
            return _not_sent(group)
        self._exchange.send([*map(self._by_itself, group)])
        return []

    def _send_smaller(self, group: Sequence[Request]) -> list[Outcome]:
        self._state.shrink(len(group))
        if self._is_recalled:
            return _not_sent(group)
        self.send(group)
        return []


def _answer_of(request: Request, answer: Answered) -> Answered:
    """Hand what was said to all of them to one."""
    return Answered(request.index, answer.status, answer.content_type, answer.headers, answer.body)


def _not_sent(group: Sequence[Request]) -> list[Outcome]:
    """Nothing more is to leave now: whoever took the rest back takes these back too."""
    return [NotSent(request.index, Fault.BROKEN) for request in group]
