"""Chunks in SQLite or PostgreSQL: claimed under a lease, written under a fencing token, by the database's clock alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from batch_service.adapters.house_store import is_free
from batch_service.adapters.job_rows import JobRows
from batch_service.adapters.result_rows import RESULT_COLUMNS, result_values
from batch_service.adapters.rows import ITEM_COLUMNS, item_of
from batch_service.adapters.tables import chunks, items, jobs
from batch_service.domain.chunk import Claim, Unfinished
from batch_service.domain.credential import Credential
from batch_service.domain.errors import LeaseLostError
from batch_service.domain.item import ItemResult
from batch_service.domain.job import Job, JobStatus
from servicekit.database import now_ms
from servicekit.many import Many

# Every statement of a chunk's way is made once: to put one together takes longer than the database needs for it.

# A job that is to stop at an error has one chunk at work: what another had in flight could not be stopped any more.
_other = chunks.alias("other")
_has_chunk_at_work = sa.exists().where(
    _other.c.job_id == chunks.c.job_id, _other.c.status == "running", _other.c.lease_until >= now_ms()
)
_OLDEST = (
    sa.select(chunks.c.job_id, chunks.c.number)
    .join(jobs, jobs.c.id == chunks.c.job_id)
    .where(is_free(), sa.or_(jobs.c.max_errors.is_(None), sa.not_(_has_chunk_at_work)))
    .order_by(chunks.c.number, chunks.c.job_id)
    .limit(1)
)
_OLDEST_WANTED = _OLDEST.where(
    sa.or_(
        jobs.c.entity.in_(sa.bindparam("b_entities", expanding=True)),
        sa.and_(jobs.c.entity.in_(sa.bindparam("b_impatient", expanding=True)), sa.not_(jobs.c.patient)),
    )
)
_LEASE_UNTIL = now_ms() + sa.bindparam("b_lease_ms", type_=sa.BigInteger)
_THIS = (chunks.c.job_id == sa.bindparam("b_job_id"), chunks.c.number == sa.bindparam("b_number"))
_TAKE = (
    chunks.update()
    .where(*_THIS)
    .values(
        status="running",
        owner=sa.bindparam("b_owner"),
        fence=chunks.c.fence + 1,
        claims=chunks.c.claims + 1,
        lease_until=_LEASE_UNTIL,
        not_before=None,
    )
    .returning(chunks.c.first_index, chunks.c.last_index, chunks.c.fence, chunks.c.claims, now_ms().label("now"))
)
_START = (
    jobs.update()
    .where(jobs.c.id == sa.bindparam("b_job_id"), jobs.c.status == JobStatus.QUEUED)
    .values(status=JobStatus.RUNNING, started_at=now_ms())
)
_FENCED = chunks.update().where(*_THIS, chunks.c.fence == sa.bindparam("b_fence"), chunks.c.status == "running")
_RENEW = _FENCED.values(lease_until=_LEASE_UNTIL).returning(chunks.c.number)
_END = _FENCED.values(status="done", owner=None, lease_until=None).returning(chunks.c.number)
_WAIT_MS = sa.bindparam("b_wait_ms", type_=sa.BigInteger)
_HAND_BACK = _FENCED.values(
    status="pending", owner=None, lease_until=None, claims=0, not_before=sa.case((_WAIT_MS > 0, now_ms() + _WAIT_MS))
).returning(chunks.c.first_index, chunks.c.last_index, now_ms())
_WITHIN = (
    items.c.job_id == sa.bindparam("b_job_id"),
    items.c.position.between(sa.bindparam("b_first"), sa.bindparam("b_last")),
    items.c.status == "pending",
)
_PENDING = sa.select(*ITEM_COLUMNS).where(*_WITHIN).order_by(items.c.position)
_NOT_UNDERWAY = items.update().where(*_WITHIN).values(underway=False)
_ITEM = (
    items.c.job_id == sa.bindparam("b_job_id"),
    items.c.position == sa.bindparam("b_position"),
    items.c.status == "pending",
)
_MARK_SENT = Many(items.update().where(*_ITEM).values(attempts=items.c.attempts + 1, underway=True))
_SUCCEEDED = sa.bindparam("b_status") == "succeeded"
_RECORD_RESULT = Many(
    items.update()
    .where(*_ITEM)
    .values({name: sa.bindparam(f"b_{name}") for name in RESULT_COLUMNS})
    # What was sent is kept for as long as it may be needed again: not past its item's success.
    .values({name: sa.case((_SUCCEEDED, sa.null()), else_=items.c[name]) for name in ("request", "headers", "body")})
)


_REMEMBER = Many(
    items.update()
    .where(*_ITEM)
    .values({name: sa.bindparam(f"b_{name}") for name in ("attempts", "unclear", "not_before", "first_sent_at")})
)


class ChunkStore(JobRows):
    """The part of the job store that workers use."""

    def claim(
        self, owner: str, *, lease_s: float, entities: Sequence[str] | None = None, impatient: Sequence[str] = ()
    ) -> Claim | None:
        """Claim the next chunk; SKIP LOCKED keeps workers on PostgreSQL from waiting for one another."""
        oldest, wanted = _OLDEST, {}
        if entities is not None:
            oldest, wanted = _OLDEST_WANTED, {"b_entities": list(entities), "b_impatient": list(impatient)}
        if not self._any(oldest, wanted):
            return None
        with self.database.writing() as connection:
            found = connection.execute(oldest.with_for_update(of=chunks, skip_locked=True), wanted).first()
            return None if found is None else self._take(connection, *found, owner=owner, lease_s=lease_s)

    def _any(self, query: sa.Select[tuple[str, int]], wanted: Mapping[str, object]) -> bool:
        """Look before asking to write: an idle worker must not queue among the writers."""
        with self.database.reading() as connection:
            return connection.execute(query, wanted).first() is not None

    def _take(self, connection: sa.Connection, job_id: str, number: int, *, owner: str, lease_s: float) -> Claim:
        this = {"b_job_id": job_id, "b_number": number, "b_owner": owner, "b_lease_ms": _ms(lease_s)}
        first, last, fence, claims, now = connection.execute(_TAKE, this).one()
        connection.execute(_START, {"b_job_id": job_id})
        job = self._get(connection, job_id)
        secrets = self._find_keys(connection, job_id)
        keys = self._open(connection, secrets)
        credential, keys = self._credential(secrets, keys)
        rows = connection.execute(_PENDING, {"b_job_id": job_id, "b_first": first, "b_last": last})
        return Claim(
            job_id=job_id,
            number=number,
            entity=job.entity,
            fence=fence,
            claims=claims,
            items=[item_of(row, now, keys) for row in rows.all()],
            stop=job.stop,
            errors_left=None if job.max_errors is None else job.max_errors - job.counts.failed,
            traceparent=job.traceparent,
            patient=job.patient,
            credential=credential,
            credential_left_s=_left_s(credential, now),
        )

    def record(self, claim: Claim, results: Sequence[ItemResult], *, lease_s: float, last: bool) -> Job:
        """Write results under the claim's fence; end the job in the transaction that writes its last result."""
        with self.database.writing() as connection:
            self._fenced(connection, claim, _END if last else _RENEW, {} if last else {"b_lease_ms": _ms(lease_s)})
            if results:
                columns = result_values(results, self._keys(connection, claim.job_id))
                rows = zip(results, columns, strict=True)
                _RECORD_RESULT(connection, [_parameters(claim.job_id, result.index, values) for result, values in rows])
            succeeded = sum(result.succeeded for result in results)
            return self._count(connection, claim.job_id, succeeded=succeeded, failed=len(results) - succeeded)

    def mark_sent(self, claim: Claim, positions: Sequence[int], *, lease_s: float) -> None:
        """Count an attempt of each of these items before it is made."""
        with self.database.writing() as connection:
            self._fenced(connection, claim, _RENEW, {"b_lease_ms": _ms(lease_s)})
            _MARK_SENT(connection, [{"b_job_id": claim.job_id, "b_position": position} for position in positions])

    def release(self, claim: Claim, left: Sequence[Unfinished] = (), *, wait_s: float = 0.0) -> None:
        """Hand a chunk back as if it had never been claimed; its fence stays, and what is known of its items."""
        with self.database.writing() as connection:
            first, last, now = self._fenced(connection, claim, _HAND_BACK, {"b_wait_ms": _ms(wait_s)})
            connection.execute(_NOT_UNDERWAY, {"b_job_id": claim.job_id, "b_first": first, "b_last": last})
            if left:
                _REMEMBER(connection, [_remembered(claim.job_id, item, now) for item in left])
            stop = self._get(connection, claim.job_id, lock=True).stop
            if stop is not None:  # nobody needs to take this chunk up: it ends here, whatever its target is held for
                self._stop(connection, claim.job_id, stop)

    def _fenced(
        self, connection: sa.Connection, claim: Claim, update: sa.Executable, values: Mapping[str, object]
    ) -> Sequence[Any]:
        """Change the chunk of a claim and return what the statement returns of it; raise LeaseLostError if it is another's."""
        mine = {"b_job_id": claim.job_id, "b_number": claim.number, "b_fence": claim.fence}
        row = connection.execute(update, {**mine, **values}).first()
        if row is None:
            raise LeaseLostError(f"Chunk {claim.number} of job {claim.job_id} has another owner.")
        return row


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _remembered(job_id: str, item: Unfinished, now: int) -> dict[str, object]:
    return {
        "b_job_id": job_id,
        "b_position": item.index,
        "b_attempts": item.attempts,
        "b_unclear": item.unclear,
        "b_not_before": now + int(item.wait_s * 1000) if item.wait_s > 0 else None,
        "b_first_sent_at": None if item.sent_ago_s is None else now - int(item.sent_ago_s * 1000),
    }


def _parameters(job_id: str, position: int, values: Mapping[str, object]) -> dict[str, object]:
    return {"b_job_id": job_id, "b_position": position, **{f"b_{name}": value for name, value in values.items()}}


def _left_s(credential: Credential | None, now: int) -> float | None:
    if credential is None or credential.expires_at_ms is None:
        return None
    return (credential.expires_at_ms - now) / 1000
