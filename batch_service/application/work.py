"""One chunk after another: claimed, run, and its slot given back."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from batch_service.application.run_chunk import RunChunk
from batch_service.domain.chunk import Claim
from batch_service.domain.errors import LeaseLostError
from batch_service.domain.job import Job
from batch_service.domain.ports import JobStore

_log = logging.getLogger(__name__)


class Slots:
    """How many chunks of each entity a process runs at once: a target that hangs holds its own slots and no other's."""

    def __init__(self, entities: Sequence[str], *, each: int) -> None:
        self.total = each * len(entities)
        self._free = Counter(dict.fromkeys(entities, each))
        self.claiming = threading.Lock()
        """Held from looking at what is free until a slot is taken."""

    def free(self) -> list[str]:
        """Name the entities of which another chunk may be run."""
        return [entity for entity, free in self._free.items() if free > 0]

    def take(self, entity: str) -> None:
        """Take a slot that `free` named, while `claiming`."""
        self._free[entity] -= 1

    def give_back(self, entity: str) -> None:
        """Give a slot back."""
        with self.claiming:
            self._free[entity] += 1


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker does, however it is woken: the embedded loop and the tasks of a broker both call this."""

    store: JobStore
    run_chunk: RunChunk
    owner: str
    slots: Slots

    def claim(self) -> Claim | None:
        """Claim the next chunk of an entity that has a slot free; run it with `run`, or its slot stays taken."""
        with self.slots.claiming:
            free = self.slots.free()
            claim = self.store.claim(self.owner, lease_s=self.run_chunk.lease_s, entities=free) if free else None
            if claim is not None:
                self.slots.take(claim.entity)
            return claim

    def run(self, claim: Claim, stopping: Callable[[], bool]) -> None:
        """Run a chunk and give its slot back; whatever goes wrong is logged: its lease runs out and someone claims it again."""
        try:
            self._report(self.run_chunk(claim, stopping=stopping))
        except LeaseLostError:
            _log.warning("chunk %s/%s: lease lost, another worker has it", claim.job_id, claim.number)
        except Exception:
            _log.exception("chunk %s/%s failed", claim.job_id, claim.number)
        finally:
            self.slots.give_back(claim.entity)

    def drain(self, stopping: Callable[[], bool]) -> None:
        """Claim and run one chunk after another until there is none to claim, or `stopping` says so."""
        while not stopping() and (claim := self.claim()) is not None:
            self.run(claim, stopping)

    def _report(self, job: Job) -> None:
        if job.status.is_final:
            _log.info(
                "job %s %s: succeeded=%d failed=%d connections_opened=%d",
                job.id,
                job.status,
                job.counts.succeeded,
                job.counts.failed,
                self.run_chunk.fan_out.connections_opened,
            )
