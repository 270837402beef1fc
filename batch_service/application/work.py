"""One chunk after another: claimed, run, and its slot given back."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from batch_service.application.run_chunk import RunChunk
from batch_service.application.targets import Targets
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


class Pulse(Protocol):
    """Something that goes on in the background of a process."""

    def ensure_started(self) -> None:
        """Start it in this process, if it is not going on yet."""

    def stop(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker does, however it is woken: the embedded loop and the tasks of a broker both call this."""

    store: JobStore
    run_chunk: RunChunk
    owner: str
    slots: Slots
    pulse: Pulse
    """Keeps what this worker knows of its targets in line with what the others know."""

    def claim(self) -> Claim | None:
        """Claim the next chunk of an entity that has a slot free; run it with `run`, or its slot stays taken."""
        self.pulse.ensure_started()
        with self.slots.claiming:
            claim = self._claim_of([name for name in self.slots.free() if self.targets.has_room(name)])
            if claim is not None:
                self.slots.take(claim.entity)
            return claim

    def _claim_of(self, names: Sequence[str]) -> Claim | None:
        """Claim a chunk of one of these; of those that are held only what can be answered at once."""
        held = self.targets.held()
        ready = [name for name in names if name not in held]
        impatient = [name for name in names if name in held and held[name].fails_fast]
        if not ready and not impatient:
            return None
        return self.store.claim(self.owner, lease_s=self.run_chunk.lease_s, entities=ready, impatient=impatient)

    @property
    def targets(self) -> Targets:
        """What this worker knows of its targets."""
        return self.run_chunk.targets

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

    def close(self) -> None:
        """Give back this worker's connections to its targets: another need not wait for its lease to run out."""
        self.pulse.stop()
        try:
            self.targets.leave_all()
        except Exception as error:  # they run out by themselves
            _log.warning("connections not given back: %s", error)

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
