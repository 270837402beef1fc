"""Try again what did not succeed: a new job, which remembers the one it retries."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from batch_service.application.submit_batch import Limits
from batch_service.domain.job import Job
from batch_service.domain.ports import EntityRegistry, JobStore, Retry, WakeUp


@dataclass(frozen=True, slots=True)
class RetryJob:
    """Items that were refused before they could be sent stay as they are: they would be refused again."""

    registry: EntityRegistry
    store: JobStore
    wake_up: WakeUp
    limits: Limits
    new_id: Callable[[], str]

    def __call__(self, job_id: str, *, include_unknown: bool, traceparent: str | None = None) -> Job:
        """Store and return the new job.

        Items whose outcome is unknown are sent again only where the target honours keys, or their owner asks for it.

        Raises:
            JobNotFoundError: there is no such job.
            JobRunningError: it has not ended.
            NothingToRetryError: none of its items can be tried again.
        """
        entity = self.registry.get(self.store.get(job_id).entity)
        retry = Retry(
            self.new_id(),
            job_id,
            chunk_items=self.limits.chunk_items,
            expires_after_s=self.limits.expires_after_s,
            include_unknown=include_unknown or entity.idempotent_writes,
            traceparent=traceparent,
        )
        self.store.add_retry(retry)
        job = self.store.get(retry.id)
        self.wake_up.ring(ceil(job.counts.total / self.limits.chunk_items))
        return job
