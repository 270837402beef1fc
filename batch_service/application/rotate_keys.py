"""Seal everything under a new master key; may be killed at any moment, and run again."""

from collections.abc import Callable
from dataclasses import dataclass, field

from batch_service.domain.key_ring import KeyRing, SealedKeys

_JOBS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did."""

    newest: str
    jobs: int
    """Whose data keys were sealed anew."""
    retired: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RotateKeys:
    """The ring has both keys for as long as anything is sealed under the old one: at each step every job can be read."""

    ring: KeyRing
    sealed: SealedKeys

    def __call__(self, *, add: bool = True, retire: bool = False, wait: Callable[[], None] = lambda: None) -> Rotated:
        """Add a key, seal all data keys under the newest one, and then perhaps take the older ones away.

        `wait` returns when every process has seen the new key: until then one may seal a job under the old one.

        Raises:
            KeyRingError: the ring does not have what this database is sealed under, or cannot be changed.
        """
        self.sealed.check()
        if add:
            self.ring.add()
        self.sealed.seal_under_newest()
        jobs = self._rewrap()
        retired: list[str] = []
        if retire:
            wait()
            jobs += self._rewrap()
            retired = self._retire()
        return Rotated(self.ring.ids()[-1], jobs, retired)

    def _rewrap(self) -> int:
        jobs = 0
        while done := self.sealed.rewrap(limit=_JOBS_AT_ONCE):
            jobs += done
        return jobs

    def _retire(self) -> list[str]:
        # In the store first: it refuses while anything depends on the key, and from then on nothing can.
        old = [use.id for use in self.sealed.uses() if not use.seals]
        retired = [key_id for key_id in old if self.sealed.retire(key_id)]
        for key_id in retired:
            self.ring.remove(key_id)
        return retired
