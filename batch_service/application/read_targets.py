"""What a client reads of the targets: whether one is being left alone."""

from dataclasses import dataclass

from batch_service.domain.circuit import Hold
from batch_service.domain.gate import TargetStore


@dataclass(frozen=True, slots=True)
class ReadTargets:
    """As all workers know them."""

    store: TargetStore

    def find_hold(self, entity: str) -> Hold | None:
        """Return the hold on an entity's target, even when its time is over and one item is trying it; None of a sound one."""
        return self.store.find_hold(entity)
