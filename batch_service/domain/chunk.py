"""A chunk: the slice of a job that one worker claims, under a lease, with a fencing token."""

from collections.abc import Sequence
from dataclasses import dataclass

from batch_service.domain.credential import Credential
from batch_service.domain.item import Item
from batch_service.domain.job import Stop

_CLAIMS_BEFORE_CARE = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A chunk in the hands of one worker, and the items in it that are not final."""

    job_id: str
    number: int
    entity: str
    fence: int
    """Grows with each claim; a write under an older one changes nothing."""
    claims: int
    """How many workers have had it, this one included, since one handed it back."""
    items: Sequence[Item]
    stop: Stop | None = None
    """Why what has not left is not to leave."""
    errors_left: int | None = None
    """How many more items of the job may fail before nothing more is sent; None for any number."""
    traceparent: str | None = None
    patient: bool = True
    """Nobody waits at a connection for the job: its items may outwait a target that is away."""
    credential: Credential | None = None
    credential_left_s: float | None = None
    """For how long the credential is good from now on; None for as long as it may be needed."""

    @property
    def was_claimed_before(self) -> bool:
        """An earlier worker may have sent any of these items and died before it said so."""
        return self.claims > 1

    @property
    def needs_care(self) -> bool:
        """So many workers died of it that one of its items may be what kills them: they go one by one."""
        return self.claims > _CLAIMS_BEFORE_CARE


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An item that a worker hands back without a result, surely not on its way at this moment."""

    index: int
    attempts: int
    unclear: bool = False
    wait_s: float = 0.0
    sent_ago_s: float | None = None


def slices(total: int, *, chunk_items: int) -> list[range]:
    """Cut the positions of a job's items into chunks."""
    return [range(first, min(first + chunk_items, total)) for first in range(0, total, chunk_items)]
