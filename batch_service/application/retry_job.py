"""Try again what did not succeed: a new job, which remembers the one it retries."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from batch_service.application.submit_batch import Limits
from batch_service.domain.credential import Credential
from batch_service.domain.job import Job
from batch_service.domain.owner import Owner
from batch_service.domain.ports import BatchKey, EntityRegistry, JobStore, Retry, WakeUp


@dataclass(frozen=True, slots=True)
class RetryJob:
    """Items that were refused before they could be sent stay as they are: they would be refused again."""

    registry: EntityRegistry
    store: JobStore
    wake_up: WakeUp
    limits: Limits
    new_id: Callable[[], str]

    def __call__(
        self,
        job_id: str,
        owner: Owner,
        *,
        include_unknown: bool,
        key: BatchKey | None = None,
        traceparent: str | None = None,
        credential: Credential | None = None,
    ) -> Job:
        """Store and return the new job, or the one that the same call under the same key made before.

        Items whose outcome is unknown are sent again only where the target honours keys, or their owner asks for it. The
        credential is a new one of the sender's: that of the first job was erased at its end.

        Raises:
            JobNotFoundError: there is no such job.
            JobRunningError: it has not ended.
            NothingToRetryError: none of its items can be tried again.
            RetryWindowOverError: what they would be sent with was erased.
            KeyReusedError: the key came with another call before.
            QueueFullError: too many items wait already.
        """
        entity = self.registry.get(self.store.get(job_id, owner).entity)
        retry = Retry(
            self.new_id(),
            job_id,
            owner,
            chunk_items=self.limits.chunk_items,
            expires_after_s=self.limits.expires_after_s,
            include_unknown=include_unknown or entity.idempotent_writes,
            keeps_doubt=entity.idempotent_writes,
            key=key,
            traceparent=traceparent,
            credential=credential if entity.forward_authorization else None,
        )
        new_id = self.store.add_retry(retry, max_pending_items=self.limits.max_pending_items)
        job = self.store.get(new_id, owner)
        self.wake_up.ring(ceil(job.counts.total / self.limits.chunk_items))
        return job
