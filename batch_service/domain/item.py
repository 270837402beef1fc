"""An item: one call to the entity's API; its result: what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from batch_service.domain.entity import IDEMPOTENT_METHODS, SAFE_METHODS


@dataclass(frozen=True, slots=True)
class Item:
    """One call, checked and ready to be sent."""

    index: int
    """The position in the batch, from 0."""
    id: str | None
    method: str
    target: str = field(repr=False)
    """The whole url, proven to lie under the entity's collection."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    """JSON, or None for a call without a body."""
    attempts: int = 0
    underway: bool = False
    """A worker that died since had noted that it was about to send it."""
    unclear: bool = False
    """An attempt that brought no answer may have been applied."""
    wait_s: float = 0.0
    """How long it is to wait for its next attempt."""
    sent_ago_s: float | None = None
    """How long ago it was sent for the first time."""
    key: str | None = None
    """The `Idempotency-Key` under which an earlier job may have sent it; None where this job's own serves."""
    is_readable: bool = True
    """False where what is stored of it cannot be opened: url, headers and body are not there."""

    @property
    def is_safe(self) -> bool:
        """Say whether the item only reads (RFC 9110 section 9.2.1)."""
        return self.method in SAFE_METHODS

    @property
    def is_idempotent(self) -> bool:
        """Say whether the method alone makes a second sending harmless."""
        return self.method in IDEMPOTENT_METHODS


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The final answer to one item, the target's own or this service's."""

    index: int
    response_code: int
    body: bytes | None = field(default=None, repr=False)
    """JSON; None where there was no body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 0
    answered: bool = False
    """The target itself said so, and is sure of it."""
    unclear: bool = False
    """It may have been applied all the same, and a second sending could do harm."""
    error: str | None = None
    """One sentence about a failure, for grouping; None of a success."""

    @property
    def succeeded(self) -> bool:
        """A success is a 2xx, or a 304: the caller's copy is current."""
        return is_success(self.response_code)


def is_success(response_code: int) -> bool:
    """Say whether a response code is one of a success."""
    return 200 <= response_code < 300 or response_code == 304
