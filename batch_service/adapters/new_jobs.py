"""How a job enters the store: whole or not at all."""

import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from batch_service.adapters.job_rows import JobRows
from batch_service.adapters.rows import insert_items
from batch_service.adapters.sealing import UnreadableError
from batch_service.adapters.tables import batch_keys, chunks, items, jobs
from batch_service.domain.batch import Refused
from batch_service.domain.chunk import slices
from batch_service.domain.errors import (
    JobRunningError,
    KeyReusedError,
    NothingToRetryError,
    QueueFullError,
    RetryWindowOverError,
)
from batch_service.domain.job import Counts, JobStatus
from batch_service.domain.owner import Owner
from batch_service.domain.ports import BatchKey, NewJob, Retry
from servicekit.database import now_ms

_ROWS_AT_ONCE = 10_000
_FINGERPRINT_BYTES = hashlib.sha256().digest_size


class NewJobs(JobRows):
    """The part of the job store that takes jobs in."""

    def add(self, job: NewJob, *, max_pending_items: int) -> str:
        """Store a job, its chunks and its items; or find the one that came under the same key before."""
        failed = sum(isinstance(item, Refused) for item in job.items)
        counts = Counts(len(job.items), failed=failed)
        with self.database.writing() as connection:
            earlier = self._earlier(connection, job)
            if earlier is not None:
                return earlier
            self._check_room(connection, counts.pending, max_pending_items)
            options = {"max_errors": job.max_errors, "traceparent": job.traceparent, "patient": job.patient}
            self._add_job(connection, job, counts, entity=job.entity, **options)
            self._add_chunks(connection, job, counts)
            keys = self._make_keys(connection, job)
            for first in range(0, counts.total, _ROWS_AT_ONCE):
                insert_items(connection, job.id, job.items[first : first + _ROWS_AT_ONCE], keys)
            self._count(connection, job.id)
            return self._claim_key(connection, job)

    def add_retry(self, retry: Retry, *, max_pending_items: int) -> str:
        """Store a job of the failures of another, copied row by row inside the database; or find the one stored before."""
        with self.database.writing() as connection:
            earlier = self._earlier(connection, retry)
            if earlier is not None:
                return earlier
            # Locked: what is copied must not be erased meanwhile.
            original = self._get_own(connection, retry.of, retry.owner, lock=True)
            if not original.status.is_final:
                raise JobRunningError("The job has not ended yet: wait for its end, or cancel it.")
            wanted = _retried(retry)
            total = connection.execute(sa.select(sa.func.count()).select_from(wanted.subquery())).scalar_one()
            if total == 0:
                raise NothingToRetryError("No item of this job can be tried again.")
            self._check_kept(connection, retry.of)
            self._check_room(connection, total, max_pending_items)
            options = {"retry_of": retry.of, "traceparent": retry.traceparent}
            self._add_job(connection, retry, Counts(total), entity=original.entity, **options)
            self._inherit_keys(connection, retry)
            self._add_chunks(connection, retry, Counts(total))
            connection.execute(items.insert().from_select([column.name for column in wanted.selected_columns], wanted))
            return self._claim_key(connection, retry)

    def _check_kept(self, connection: sa.Connection, job_id: str) -> None:
        if connection.execute(sa.select(jobs.c.requests).where(jobs.c.id == job_id)).scalar_one() != "kept":
            raise RetryWindowOverError(
                "The time in which this job could be tried again is over, and what its failed items were sent with was erased: "
                "send them in a new batch."
            )

    def _add_job(
        self, connection: sa.Connection, job: NewJob | Retry, counts: Counts, *, entity: str, **options: object
    ) -> None:
        values = {
            "id": job.id,
            "entity": entity,
            "tenant": job.owner.tenant,
            "subject": job.owner.subject,
            "status": JobStatus.QUEUED,
            "total": counts.total,
            "succeeded": 0,
            "failed": counts.failed,
            "created_at": now_ms(),
            "expires_at": now_ms() + int(job.expires_after_s * 1000),
        }
        connection.execute(jobs.insert().values({**values, **options}))

    def _add_chunks(self, connection: sa.Connection, job: NewJob | Retry, counts: Counts) -> None:
        status = "pending" if counts.pending else "done"
        positions = enumerate(slices(counts.total, chunk_items=job.chunk_items))
        connection.execute(chunks.insert(), [_chunk(job.id, number, slice_, status) for number, slice_ in positions])

    def _check_room(self, connection: sa.Connection, more: int, max_pending_items: int) -> None:
        pending = sa.func.sum(jobs.c.total - jobs.c.succeeded - jobs.c.failed)
        waiting = connection.execute(sa.select(pending).where(jobs.c.finished_at.is_(None))).scalar_one() or 0
        if waiting + more > max_pending_items:
            raise QueueFullError(f"{waiting} items wait already; send the batch again later.")

    def _earlier(self, connection: sa.Connection, job: NewJob | Retry) -> str | None:
        key = job.key
        if key is None:
            return None
        this = (batch_keys.c.caller == _caller(job.owner), batch_keys.c.key == key.key)
        row = connection.execute(sa.select(batch_keys).where(*this)).first()
        if row is None:
            return None
        if not self._is_same(connection, row, key):
            raise KeyReusedError("This Idempotency-Key came with another call before; use a new key for a new call.")
        return str(row.job_id)

    def _is_same(self, connection: sa.Connection, row: sa.Row[Any], key: BatchKey) -> bool:
        fingerprint = bytes(row.fingerprint)
        if len(fingerprint) != _FINGERPRINT_BYTES:  # not one of the version before
            try:
                fingerprint = self._keys(connection, row.job_id).open_own("fingerprint", fingerprint)
            except UnreadableError:
                return False
        return hmac.compare_digest(fingerprint, _fingerprint(bytes(row.salt), key.payload))

    def _claim_key(self, connection: sa.Connection, job: NewJob | Retry) -> str:
        if job.key is None:
            return job.id
        # A hash tells whether a guess at a short batch is right: it is sealed like the batch itself, and outlives it.
        salt = os.urandom(16)
        values = {"caller": _caller(job.owner), "key": job.key.key, "job_id": job.id, "salt": salt}
        fingerprint = _fingerprint(salt, job.key.payload)
        values["fingerprint"] = self._keys(connection, job.id).seal_own("fingerprint", fingerprint)
        insert = sqlite.insert if self.database.is_sqlite else postgresql.insert
        take = insert(batch_keys).values(values).on_conflict_do_nothing().returning(batch_keys.c.key)
        if connection.execute(take).first() is not None:
            return job.id
        # A twin committed while this one waited for it at the key: what this one stored is taken back.
        connection.execute(jobs.delete().where(jobs.c.id == job.id))
        earlier = self._earlier(connection, job)
        assert earlier is not None
        return earlier


def _caller(owner: Owner) -> str:
    # A hash, since two names of up to 255 characters have no room in one column; the length tells one from the other.
    return hashlib.sha256(f"{len(owner.tenant)}:{owner.tenant}{owner.subject}".encode()).hexdigest()


def _fingerprint(salt: bytes, payload: bytes) -> bytes:
    return hmac.digest(salt, payload, hashlib.sha256)


def _chunk(job_id: str, number: int, positions: range, status: str) -> Mapping[str, object]:
    bounds = {"first_index": positions.start, "last_index": positions.stop - 1}
    return {"job_id": job_id, "number": number, "status": status, "fence": 0, "claims": 0, **bounds}


def _retried(retry: Retry) -> sa.Select[tuple[object, ...]]:
    """Select the rows of the new job's items; one that never had an answer keeps the key it was sent under."""
    unanswered = items.c.answered.is_not(True)
    is_unknown = sa.or_(sa.and_(items.c.response_code == 409, unanswered), items.c.unclear.is_(True))
    may_be_applied = sa.or_(is_unknown, sa.and_(unanswered, items.c.attempts > 0, items.c.response_code.in_((502, 504))))
    own_key = items.c.job_id + ":" + sa.cast(items.c.position, sa.String)
    columns = {
        "job_id": sa.literal(retry.id),
        "position": sa.func.row_number().over(order_by=items.c.position) - 1,
        "root_position": items.c.root_position,
        "client_id": items.c.client_id,
        "key": sa.case((unanswered, sa.func.coalesce(items.c.key, own_key)), else_=sa.null()),
        "method": items.c.method,
        "target": items.c.target,
        "request": items.c.request,
        "headers": items.c.headers,
        "body": items.c.body,
        "status": sa.literal("pending"),
        "attempts": sa.literal(0),
        "unclear": sa.case((may_be_applied, sa.true())) if retry.keeps_doubt else sa.null(),
    }
    failed = sa.select(*(value.label(name) for name, value in columns.items())).where(
        items.c.job_id == retry.of, items.c.status == "failed", items.c.method != ""
    )
    return failed if retry.include_unknown else failed.where(sa.not_(is_unknown))
