"""The master keys that seal the data keys of jobs, as those who look after them see them; adapters hold the keys themselves."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One master key: whether it is at hand, and how much depends on it."""

    id: str
    in_ring: bool
    seals: bool
    """It is the newest of the ring: what is sealed from now on is sealed under it."""
    jobs: int
    """How many jobs cannot be read without it."""


class KeyRing(Protocol):
    """The ring of one service: the newest key seals, every key opens what it sealed."""

    def create(self) -> bool:
        """Make a ring with one key if there is none; say whether one was made; raise KeyRingError if it cannot be."""

    def add(self) -> str:
        """Add a key and return its id; raise KeyRingError if this process may not change the ring."""

    def remove(self, key_id: str) -> None:
        """Take a key out."""

    def ids(self) -> list[str]:
        """Return the ids of the keys, the newest last; raise KeyRingError if the ring cannot be used."""


class SealedKeys(Protocol):
    """What is sealed under master keys. Each method is one transaction."""

    def check(self) -> None:
        """Raise KeyRingError unless the ring has every key under which something is sealed, and not another of that name."""

    def holds_anything(self) -> bool:
        """Say whether anything is sealed under any key."""

    def seal_under_newest(self) -> None:
        """Let the newest key of the ring be known to the store."""

    def rewrap(self, *, limit: int) -> int:
        """Seal up to so many jobs' data keys anew, under the newest key; return how many."""

    def retire(self, key_id: str) -> bool:
        """Forget a key; False if something is sealed under it still."""

    def uses(self) -> list[KeyUse]:
        """Return every key of the ring or of the store, the oldest first."""
