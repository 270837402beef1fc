"""What the proxy can do to a request, and to how many of them."""

from dataclasses import dataclass
from enum import Enum, auto


class Way(Enum):
    PASS = auto()
    CUT_BEFORE = auto()
    """Before the request is forwarded."""
    CUT_AFTER = auto()
    """After the other side has answered, and before anything of it is passed on."""
    CUT_ANSWER = auto()
    """After `bytes` of the answer."""
    LATE = auto()
    """The answer comes `delay_s` later."""
    BLACK_HOLE = auto()
    """The request is swallowed."""
    DRIP = auto()
    """The answer comes byte by byte, one each `delay_s`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    way: Way = Way.PASS
    share: float = 1.0
    bytes: int = 20
    delay_s: float = 0.3
