"""See that there is a key ring, and that it is the one of this database."""

from dataclasses import dataclass

from batch_service.domain.key_ring import KeyRing, SealedKeys


@dataclass(frozen=True, slots=True)
class PrepareKeys:
    """A ring is made for a database that holds nothing sealed, and for no other: a new one would open nothing of it."""

    ring: KeyRing
    sealed: SealedKeys

    def __call__(self) -> bool:
        """Say whether a ring was made; raise KeyRingError if there is none, or another than that of the database."""
        made = not self.sealed.holds_anything() and self.ring.create()
        self.sealed.check()
        return made
