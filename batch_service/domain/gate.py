"""What stands between the workers and a target: how much may leave now, and what all workers know of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from batch_service.domain.attempt import Outcome
from batch_service.domain.circuit import Hold
from batch_service.domain.entity import Entity


@dataclass(frozen=True, slots=True)
class TargetReport:
    """What one worker has found out about one target, and what it wants."""

    entity: str
    concurrency: int
    """Connections to the target at most, over all workers."""
    in_flight: int
    """Connections that this worker uses; it cannot give these back yet."""
    is_leaving: bool = False
    """It wants none any more."""
    hold: Hold | None = None
    """The target was found to be failing."""
    is_closed: bool = False
    """The target was found to have come back."""
    trial_s: float | None = None
    """It would send one item to a target whose hold is over, and know more after so many seconds."""


@dataclass(frozen=True, slots=True)
class TargetView:
    """What all workers know of a target, and the share of the one that asked."""

    entity: str
    connections: int | None
    """None for a worker that leaves."""
    hold: Hold | None
    """Of a target that was found to be failing, even when its time is over; None once it has come back."""
    may_try: bool = False
    """The one that asked may send one item to see; no other may at this time."""


class TargetStore(Protocol):
    """What the workers share about targets. Each method is one transaction."""

    def sync(self, owner: str, reports: Sequence[TargetReport], *, lease_s: float) -> list[TargetView]:
        """Take in what a worker reports, and say of each target what all know; the share is its own for so long."""

    def find_hold(self, entity: str) -> Hold | None:
        """Return what is known of a target that was found to be failing, even when the hold's time is over."""


class Gate(Protocol):
    """What every request to a target passes."""

    def enter(self, entity: Entity) -> bool:
        """Take one of the target's connections for one request; False if none may be used now."""

    def give_back(self, entity: Entity) -> None:
        """Give back a connection that was taken for nothing."""

    def leave(self, entity: Entity, outcomes: Sequence[Outcome]) -> None:
        """Give back the connections of requests that have ended, and learn from how they did."""

    def share(self, entity: Entity) -> int:
        """Return how many of the target's connections are this worker's, whether or not they may be used now."""
