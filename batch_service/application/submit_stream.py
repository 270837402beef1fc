"""Accept a batch that comes in item by item: however long it is, a few of its items are in memory at a time."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil

from batch_service.application.submit_batch import Limits, Terms
from batch_service.domain.batch import Draft, Refused, read_item
from batch_service.domain.entity import Entity
from batch_service.domain.errors import DuplicateIdError, EmptyBatchError, TooManyItemsError
from batch_service.domain.item import Item
from batch_service.domain.job import Job
from batch_service.domain.ports import BatchKey, JobStore, NewJob, Uploads, WakeUp

_ITEMS_AT_ONCE = 1_000
_LEASE_S = 300.0  # a sender who pauses for longer begins again
_STORE_EVERY_S = _LEASE_S / 4  # one who is slow goes on


@dataclass(frozen=True, slots=True)
class SubmitStream:
    """A streamed batch is stored as it comes, and a job only once its last item is there: whole or not at all."""

    uploads: Uploads
    store: JobStore
    wake_up: WakeUp
    limits: Limits
    new_id: Callable[[], str]

    def __call__(
        self, entity: Entity, drafts: Iterable[Draft], terms: Terms, key: Callable[[], BatchKey | None] = lambda: None
    ) -> Job:
        """Store the items and return their job; whatever goes wrong on the way, nothing is left of them.

        `key` is asked once all was read: a key of the sender's is bound to that.

        Raises:
            EmptyBatchError, TooManyItemsError: there is no item, or there are too many.
            DuplicateIdError: two items have one id.
            KeyReusedError: the key came with another batch before.
            QueueFullError: too many items wait already.
            UploadLostError: the next item took too long to come.
        """
        job = self._new_job(entity, terms)
        self.uploads.begin(job, lease_s=_LEASE_S)
        try:
            total = self._store(job.id, entity, drafts)
            job_id = self.uploads.complete(replace(job, key=key()))
        except BaseException:  # also a server that is told to end
            with suppress(Exception):  # housekeeping will
                self.uploads.discard(job.id)
            raise
        if job_id != job.id:
            self.uploads.discard(job.id)
        self.wake_up.ring(ceil(total / self.limits.chunk_items))
        return self.store.get(job_id, terms.owner)

    def _new_job(self, entity: Entity, terms: Terms) -> NewJob:
        return NewJob(
            self.new_id(),
            entity.name,
            terms.owner,
            (),
            chunk_items=self.limits.chunk_items,
            expires_after_s=self.limits.expires_after_s,
            max_errors=terms.max_errors,
            traceparent=terms.traceparent,
            credential=terms.credential_for(entity),
        )

    def _store(self, job_id: str, entity: Entity, drafts: Iterable[Draft]) -> int:
        total, has_ids = 0, False
        for some in _blocks(drafts):
            items: list[Item | Refused] = [read_item(entity, index, draft) for index, draft in enumerate(some, total)]
            total += len(items)
            if total > self.limits.max_items:
                raise TooManyItemsError(sent=None, limit=self.limits.max_items)
            has_ids = has_ids or any(item.id is not None for item in items)
            limit = self.limits.max_pending_items
            self.uploads.append(job_id, items, lease_s=_LEASE_S, max_pending_items=limit)
        if total == 0:
            raise EmptyBatchError("The batch is empty; send at least one item.")
        duplicate = self.uploads.find_duplicate(job_id) if has_ids else None
        if duplicate is not None:
            item_id, first, second = duplicate
            raise DuplicateIdError(item_id, first=first, second=second)
        return total


def _blocks(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    some: list[Draft] = []
    began_at = time.monotonic()
    for draft in drafts:
        some.append(draft)
        if len(some) == _ITEMS_AT_ONCE or time.monotonic() - began_at >= _STORE_EVERY_S:
            yield some
            some, began_at = [], time.monotonic()
    if some:
        yield some
