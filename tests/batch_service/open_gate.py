"""A gate that lets as much through as the registry allows: what one worker alone is let through."""

import threading
from collections import Counter
from collections.abc import Sequence

from batch_service.domain.attempt import Outcome
from batch_service.domain.entity import Entity


class OpenGate:
    def __init__(self) -> None:
        self._used: Counter[Entity] = Counter()
        self._lock = threading.Lock()

    def enter(self, entity: Entity) -> bool:
        with self._lock:
            self._used[entity] += 1
        return True

    def give_back(self, entity: Entity) -> None:
        with self._lock:
            self._used[entity] -= 1

    def leave(self, entity: Entity, outcomes: Sequence[Outcome]) -> None:
        with self._lock:
            self._used[entity] -= len(outcomes)

    def share(self, entity: Entity) -> int:
        return entity.concurrency
