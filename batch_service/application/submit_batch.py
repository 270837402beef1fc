"""Accept a batch: check it, store it as a job, wake the worker, and wait for the end if the sender does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from batch_service.application.wait_for_end import wait_for_end
from batch_service.domain.batch import Draft, read_items
from batch_service.domain.credential import Credential
from batch_service.domain.entity import Entity
from batch_service.domain.job import Job
from batch_service.domain.owner import Owner
from batch_service.domain.ports import BatchKey, EntityRegistry, JobStore, NewJob, WakeUp


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may ask for."""

    max_items: int = 1_000_000
    max_sync_items: int = 1_000
    max_body_bytes: int = 64 * 2**20
    """Of a batch that is answered synchronously."""
    max_wait_s: float = 120.0
    chunk_items: int = 500
    max_pending_items: int = 5_000_000
    expires_after_s: float = 86_400.0
    max_stream_bytes: int = 2**30
    """Of any batch: a longer one is a job."""

    def cap_wait(self, wait_s: float | None) -> float:
        """Say for how long a caller may wait that would wait for so long; None: for as long as anyone may."""
        return self.max_wait_s if wait_s is None else min(wait_s, self.max_wait_s)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a batch was sent."""

    owner: Owner
    wait_s: float | None = None
    """How long its sender waits; None for as long as this service lets anyone wait."""
    max_errors: int | None = None
    key: BatchKey | None = None
    traceparent: str | None = None
    patient: bool = False
    """The sender wants a job, and its items to outwait a target that is away."""
    credential: Credential | None = None
    """The sender's own, which travels on to targets that take it."""

    def credential_for(self, entity: Entity) -> Credential | None:
        """Return the sender's credential if the entity's target is to have it: what no target is to have is not even stored."""
        return self.credential if entity.forward_authorization else None


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

    def __call__(self, entity: Entity, drafts: Sequence[Draft], terms: Terms) -> Job:
        """Store the batch as a job and return it: ended, or as far as it came while its sender waits.

        A batch too large for a synchronous answer is not waited for at all.

        Raises:
            DuplicateIdError: two items have one id.
            KeyReusedError: the key came with another batch before.
            QueueFullError: too many items wait already.
        """
        job_id = self.accept(entity, drafts, terms)
        wait_s = 0.0 if len(drafts) > self.limits.max_sync_items else self.limits.cap_wait(terms.wait_s)
        job = wait_for_end(self.store, job_id, terms.owner, wait_s=wait_s)
        # Whoever reads the job from now on has time.
        return job if job.status.is_final or job.patient else self.store.make_patient(job_id, terms.owner)

    def accept(self, entity: Entity, drafts: Sequence[Draft], terms: Terms) -> str:
        """Store the batch as a job, wake the workers and return its id; raise as the call does."""
        items = read_items(entity, drafts)
        job = NewJob(
            self.new_id(),
            entity.name,
            terms.owner,
            items,
            chunk_items=self.limits.chunk_items,
            expires_after_s=self.limits.expires_after_s,
            max_errors=terms.max_errors,
            key=terms.key,
            traceparent=terms.traceparent,
            patient=terms.patient or len(items) > self.limits.max_sync_items,
            credential=terms.credential_for(entity),
        )
        job_id = self.store.add(job, max_pending_items=self.limits.max_pending_items)
        self.wake_up.ring(ceil(len(items) / self.limits.chunk_items))
        return job_id
