"""Accept a batch: check it, store it as a job, wake the worker, and wait for the end if the sender does."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from batch_service.domain.batch import Draft, check_size, read_items
from batch_service.domain.entity import Entity
from batch_service.domain.job import Job
from batch_service.domain.ports import EntityRegistry, JobStore, NewJob, WakeUp

_FIRST_LOOK_S = 0.001
_SLOWEST_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may ask for."""

    max_items: int = 1_000_000
    max_sync_items: int = 1_000
    max_body_bytes: int = 64 * 2**20
    max_wait_s: float = 120.0
    chunk_items: int = 500


@dataclass(frozen=True, slots=True)
class SubmitBatch:
    """A synchronous batch is a job whose maker waits: both run through the same worker and the same store."""

    registry: EntityRegistry
    store: JobStore
    wake_up: WakeUp
    limits: Limits
    new_id: Callable[[], str]

    def find_entity(self, name: str) -> Entity:
        """Return the entity; raise UnknownEntityError before the body is even read."""
        return self.registry.get(name)

    def check_size(self, sent: int) -> None:
        """Raise EmptyBatchError or TooManyItemsError before any item is looked at."""
        check_size(sent, max_items=self.limits.max_items)

    def __call__(self, entity: Entity, drafts: Sequence[Draft], *, wait_s: float | None, traceparent: str | None = None) -> Job:
        """Store the batch as a job and return it: ended, or as far as it came within `wait_s` seconds.

        `wait_s` None means for as long as this service lets anyone wait; a batch too large for a synchronous answer
        is not waited for at all.
        """
        items = read_items(entity, drafts)
        job_id = self.new_id()
        self.store.add(NewJob(job_id, entity.name, items, traceparent), chunk_items=self.limits.chunk_items)
        self.wake_up.ring()
        if len(items) > self.limits.max_sync_items:
            wait_s = 0.0
        return self._wait(job_id, min(self.limits.max_wait_s, self.limits.max_wait_s if wait_s is None else wait_s))

    def _wait(self, job_id: str, wait_s: float) -> Job:
        """Look at the job at growing intervals: another process, maybe on another machine, is at work on it."""
        deadline = time.monotonic() + wait_s
        pause_s = _FIRST_LOOK_S
        while True:
            job = self.store.get(job_id)
            left_s = deadline - time.monotonic()
            if job.status.is_final or left_s <= 0:
                return job
            time.sleep(min(pause_s, left_s))
            pause_s = min(pause_s * 1.4, _SLOWEST_LOOK_S)
