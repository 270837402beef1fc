"""One item while its chunk runs, in memory."""

import time
from dataclasses import dataclass

from batch_service.domain.chunk import Unfinished
from batch_service.domain.item import Item


@dataclass(slots=True)
class ItemRun:
    """What has become of an item so far; times are this process's monotonic clock."""

    item: Item
    attempts: int
    unclear: bool
    """An attempt that brought no answer may have been applied."""
    due_at: float = 0.0
    first_sent_at: float | None = None

    @classmethod
    def of(cls, item: Item, *, unclear: bool) -> "ItemRun":
        """Take an item up where its last worker handed it back, or died."""
        now = time.monotonic()
        first_sent_at = None if item.sent_ago_s is None else now - item.sent_ago_s
        return cls(item, item.attempts, unclear, now + item.wait_s if item.wait_s else 0.0, first_sent_at)

    def is_overdue(self, timeout_s: float | None, *, in_s: float = 0.0) -> bool:
        """Say whether it will have taken longer than it may."""
        if timeout_s is None or self.first_sent_at is None:
            return False
        return time.monotonic() + in_s - self.first_sent_at > timeout_s

    def unfinished(self) -> Unfinished:
        """Say what is to be remembered of it when it is handed back."""
        now = time.monotonic()
        sent_ago_s = None if self.first_sent_at is None else now - self.first_sent_at
        return Unfinished(self.item.index, self.attempts, self.unclear, max(0.0, self.due_at - now), sent_ago_s)
