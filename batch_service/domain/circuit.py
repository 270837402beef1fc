"""The circuit of one target: closed while it answers, held when it keeps failing, tried with one item before it closes again.

    closed --5 bad ends in a row--> held --its time is over--> tried with one item --good--> closed
                                     ^---------------------------------- bad -------'  (held for longer)

M. Nygard, "Release It!", 2007, chapter 5. Each worker sees the ends of its own attempts; through the job store all of them know
what one has found.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent, Outcome
from batch_service.domain.retry_after import read_retry_after

_BAD_IN_A_ROW = 5
_FIRST_HOLD_S = 0.5
_LONGEST_HOLD_S = 30.0
_DOUBLINGS = 10  # more than the longest hold needs, and few enough for a float
_BAD_STATUSES = frozenset({429, 502, 503, 504})
_NOT_NOW = frozenset({429, 503})
_BAD_FAULTS = frozenset({Fault.NAME_UNKNOWN, Fault.UNREACHABLE, Fault.TLS_FAILED, Fault.BROKEN, Fault.TIMED_OUT})
# About a second and a half in all: a target that is being started again is waited for.
_TRIPS_BEFORE_FAILING_FAST = 3


class Reason(StrEnum):
    """Why a target is held."""

    FAILING = "failing"
    """It does not answer, or says that it cannot."""
    THROTTLED = "throttled"
    """It answers, and asks to be left alone for a while."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A target that is to be left alone."""

    for_s: float
    reason: Reason
    trips: int
    """How often in a row it was found to be failing."""

    @property
    def fails_fast(self) -> bool:
        """Say whether someone who waits for an answer is better told so than kept waiting."""
        return self.reason is Reason.FAILING and self.trips >= _TRIPS_BEFORE_FAILING_FAST


class Verdict(Enum):
    """What the end of one attempt says about the target, not about the item."""

    GOOD = auto()
    BAD = auto()
    NOTHING = auto()


def judge(outcome: Outcome) -> Verdict:
    """Say what the end of an attempt tells about its target."""
    match outcome:
        case Answered(status=status):
            return Verdict.BAD if status in _BAD_STATUSES else Verdict.GOOD
        case NotSent(fault=fault) | MaybeApplied(fault=fault):
            return Verdict.BAD if fault in _BAD_FAULTS else Verdict.NOTHING


def is_away(outcome: Outcome) -> bool:
    """Say whether an attempt failed for its target's sake alone, so that any other item would have failed too."""
    match outcome:
        case Answered(status=status):
            return status in _NOT_NOW
        case NotSent(fault=fault):
            return fault in _BAD_FAULTS
        case MaybeApplied():
            return False


@dataclass(slots=True)
class Circuit:
    """What one worker knows of one target; not for several threads at once."""

    clock: Callable[[], float] = time.monotonic
    trips: int = 0
    is_trying: bool = False
    """This worker may send one item, to see whether the target has come back."""
    has_news: bool = False
    """The other workers do not know yet."""
    _reason: Reason = Reason.FAILING
    _held_until: float = 0.0
    _streak: int = 0

    @property
    def hold(self) -> Hold | None:
        """The hold that is on, for as long as it has to run."""
        left_s = self._held_until - self.clock()
        return Hold(left_s, self._reason, self.trips) if self.trips and left_s > 0 and not self.is_trying else None

    @property
    def wants_trial(self) -> bool:
        """Say whether the hold is over and someone should find out."""
        return self.trips > 0 and not self.is_trying and self.hold is None

    def limit(self, connections: int) -> int:
        """Say how many of so many connections may be used."""
        if self.trips == 0:
            return connections
        return min(1, connections) if self.is_trying else 0

    def take(self, outcome: Outcome) -> None:
        """Learn from the end of an attempt; one that began before the hold tells nothing new."""
        if self.trips and not self.is_trying:
            return
        verdict = judge(outcome)
        if verdict is Verdict.GOOD:
            self._streak = 0
            if self.trips:
                self._close()
        elif verdict is Verdict.BAD:
            self._streak += 1
            if self.is_trying or self._streak >= _BAD_IN_A_ROW:
                self._trip(outcome)

    def learn(self, hold: Hold | None) -> None:
        """Take over what all workers know, unless this one has found out something since."""
        if self.has_news or self.is_trying:
            return
        if hold is None:
            self.trips = 0
        else:
            self._held_until = self.clock() + hold.for_s
            self._reason, self.trips = hold.reason, hold.trips

    def _trip(self, outcome: Outcome) -> None:
        asked_s = read_retry_after(outcome.headers) if isinstance(outcome, Answered) else None
        throttled = isinstance(outcome, Answered) and (outcome.status == 429 or asked_s is not None)
        self._reason = Reason.THROTTLED if throttled else Reason.FAILING
        hold_s = min(_LONGEST_HOLD_S, _FIRST_HOLD_S * 2 ** min(self.trips, _DOUBLINGS))
        self._held_until = self.clock() + max(hold_s, asked_s or 0.0)
        self.trips += 1
        self.is_trying, self.has_news, self._streak = False, True, 0

    def _close(self) -> None:
        self.trips = 0
        self.is_trying, self.has_news = False, True
