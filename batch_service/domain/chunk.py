"""A chunk: the slice of a job that one worker claims, under a lease, with a fencing token."""

from collections.abc import Sequence
from dataclasses import dataclass

from batch_service.domain.item import Item
from batch_service.domain.job import Stop


@dataclass(frozen=True, slots=True)
class Claim:
    """A chunk in the hands of one worker, and the items in it that are not final."""

    job_id: str
    number: int
    entity: str
    fence: int
    """Grows with each claim; a write under an older one changes nothing."""
    was_claimed_before: bool
    """An earlier worker may have sent any of these items and died before it said so."""
    items: Sequence[Item]
    stop: Stop | None = None
    """Why what has not left is not to leave."""
    errors_left: int | None = None
    """How many more items of the job may fail before nothing more is sent; None for any number."""
    traceparent: str | None = None


def slices(total: int, *, chunk_items: int) -> list[range]:
    """Cut the positions of a job's items into chunks."""
    return [range(first, min(first + chunk_items, total)) for first in range(0, total, chunk_items)]
