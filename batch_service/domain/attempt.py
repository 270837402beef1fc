"""One attempt to send an item, and the three ways in which it can end.

*Not sent* is safe to try again. *Maybe applied* is safe only where a second sending changes nothing. *Answered* is an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Request:
    """What goes to the target for one item."""

    index: int
    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    """The sender's credential may be among them."""
    body: bytes | None = field(repr=False)
    items: int = 1
    """How many items it carries, where it is one of the target's batch door."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The target answered."""

    index: int
    status: int
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names; the last of several wins."""
    body: bytes = field(default=b"", repr=False)


class Fault(Enum):
    """Why there is no answer."""

    NAME_UNKNOWN = auto()
    UNREACHABLE = auto()
    TLS_FAILED = auto()
    BROKEN = auto()
    TIMED_OUT = auto()
    TOO_LARGE = auto()
    ADDRESS_REFUSED = auto()


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request never left: nothing can have been applied."""

    index: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class MaybeApplied:
    """The request left, or may have, and no whole answer came."""

    index: int
    fault: Fault


Outcome = Answered | NotSent | MaybeApplied
