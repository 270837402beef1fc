"""Chunks in SQLite or PostgreSQL: claimed under a lease, written under a fencing token, by the database's clock alone."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from batch_service.adapters.house_store import is_free
from batch_service.adapters.job_rows import JobRows
from batch_service.adapters.rows import ITEM_COLUMNS, RESULT_COLUMNS, item_of, result_values
from batch_service.adapters.tables import chunks, items, jobs
from batch_service.domain.chunk import Claim, Unfinished
from batch_service.domain.errors import LeaseLostError
from batch_service.domain.item import ItemResult
from batch_service.domain.job import Job, JobStatus
from servicekit.database import now_ms
from servicekit.many import Many

# A job that is to stop at an error has one chunk at work: what another had in flight could not be stopped any more.
_other = chunks.alias("other")
_has_chunk_at_work = sa.exists().where(
    _other.c.job_id == chunks.c.job_id, _other.c.status == "running", _other.c.lease_until >= now_ms()
)
# Made once: to put such a statement together takes longer than the database needs for it.
_OLDEST = (
    sa.select(chunks.c.job_id, chunks.c.number)
    .join(jobs, jobs.c.id == chunks.c.job_id)
    .where(is_free(), sa.or_(jobs.c.max_errors.is_(None), sa.not_(_has_chunk_at_work)))
    .order_by(chunks.c.number, chunks.c.job_id)
    .limit(1)
)

_RECORD_RESULT = Many(
    items.update()
    .where(
        items.c.job_id == sa.bindparam("b_job_id"),
        items.c.position == sa.bindparam("b_position"),
        items.c.status == "pending",
    )
    .values({name: sa.bindparam(f"b_{name}") for name in RESULT_COLUMNS})
    # A body is kept for as long as it may be needed again: not past its item's success.
    .values(body=sa.case((sa.bindparam("b_status") == "succeeded", sa.null()), else_=items.c.body))
)


_REMEMBER = Many(
    items.update()
    .where(
        items.c.job_id == sa.bindparam("b_job_id"),
        items.c.position == sa.bindparam("b_position"),
        items.c.status == "pending",
    )
    .values({name: sa.bindparam(f"b_{name}") for name in ("attempts", "unclear", "not_before", "first_sent_at")})
)


class ChunkStore(JobRows):
    """The part of the job store that workers use."""

    def claim(
        self, owner: str, *, lease_s: float, entities: Sequence[str] | None = None, impatient: Sequence[str] = ()
    ) -> Claim | None:
        """Claim the next chunk; SKIP LOCKED keeps workers on PostgreSQL from waiting for one another."""
        oldest = _OLDEST
        if entities is not None:
            wanted = sa.or_(jobs.c.entity.in_(entities), sa.and_(jobs.c.entity.in_(impatient), sa.not_(jobs.c.patient)))
            oldest = oldest.where(wanted)
        if not self._any(oldest):
            return None
        with self.database.writing() as connection:
            found = connection.execute(oldest.with_for_update(of=chunks, skip_locked=True)).first()
            return None if found is None else self._take(connection, *found, owner=owner, lease_s=lease_s)

    def _any(self, query: sa.Select[tuple[str, int]]) -> bool:
        """Look before asking to write: an idle worker must not queue among the writers."""
        with self.database.reading() as connection:
            return connection.execute(query).first() is not None

    def _take(self, connection: sa.Connection, job_id: str, number: int, *, owner: str, lease_s: float) -> Claim:
        this = (chunks.c.job_id == job_id, chunks.c.number == number)
        taken = {
            "status": "running",
            "owner": owner,
            "fence": chunks.c.fence + 1,
            "claims": chunks.c.claims + 1,
            "lease_until": now_ms() + int(lease_s * 1000),
            "not_before": None,
        }
        chunk = connection.execute(chunks.update().where(*this).values(taken).returning(chunks)).one()
        started = {"status": JobStatus.RUNNING, "started_at": now_ms()}
        connection.execute(jobs.update().where(jobs.c.id == job_id, jobs.c.status == JobStatus.QUEUED).values(started))
        job = self._get(connection, job_id)
        within = items.c.position.between(chunk.first_index, chunk.last_index)
        pending = sa.select(*ITEM_COLUMNS).where(items.c.job_id == job_id, within, items.c.status == "pending")
        rows = connection.execute(pending.order_by(items.c.position))
        now = connection.execute(sa.select(now_ms())).scalar_one()
        return Claim(
            job_id=job_id,
            number=number,
            entity=job.entity,
            fence=chunk.fence,
            claims=chunk.claims,
            items=[item_of(row, now) for row in rows],
            stop=job.stop,
            errors_left=None if job.max_errors is None else job.max_errors - job.counts.failed,
            traceparent=job.traceparent,
            patient=job.patient,
        )

    def record(self, claim: Claim, results: Sequence[ItemResult], *, lease_s: float, last: bool) -> Job:
        """Write results under the claim's fence; end the job in the transaction that writes its last result."""
        kept = {"lease_until": now_ms() + int(lease_s * 1000)}
        ended = {"status": "done", "owner": None, "lease_until": None}
        with self.database.writing() as connection:
            self._fenced(connection, claim, ended if last else kept)
            if results:
                _RECORD_RESULT(connection, [_parameters(claim.job_id, result) for result in results])
            succeeded = sum(result.succeeded for result in results)
            return self._count(connection, claim.job_id, succeeded=succeeded, failed=len(results) - succeeded)

    def mark_sent(self, claim: Claim, positions: Sequence[int], *, lease_s: float) -> None:
        """Count an attempt of each of these items before it is made."""
        marked = (items.c.job_id == claim.job_id, items.c.position.in_(positions))
        with self.database.writing() as connection:
            self._fenced(connection, claim, {"lease_until": now_ms() + int(lease_s * 1000)})
            connection.execute(items.update().where(*marked).values(attempts=items.c.attempts + 1, underway=True))

    def release(self, claim: Claim, left: Sequence[Unfinished] = (), *, wait_s: float = 0.0) -> None:
        """Hand a chunk back as if it had never been claimed; its fence stays, and what is known of its items."""
        freed = {"status": "pending", "owner": None, "lease_until": None, "claims": 0, "not_before": _in(wait_s)}
        chunk = sa.select(chunks.c.first_index, chunks.c.last_index)
        chunk = chunk.where(chunks.c.job_id == claim.job_id, chunks.c.number == claim.number)
        with self.database.writing() as connection:
            self._fenced(connection, claim, freed)
            first, last = connection.execute(chunk).one()
            unsent = (items.c.job_id == claim.job_id, items.c.position.between(first, last), items.c.status == "pending")
            connection.execute(items.update().where(*unsent).values(underway=False))
            if left:
                now = connection.execute(sa.select(now_ms())).scalar_one()
                _REMEMBER(connection, [_remembered(claim.job_id, item, now) for item in left])
            stop = self._get(connection, claim.job_id, lock=True).stop
            if stop is not None:  # nobody needs to take this chunk up: it ends here, whatever its target is held for
                self._stop(connection, claim.job_id, stop)

    def _fenced(self, connection: sa.Connection, claim: Claim, values: Mapping[str, object]) -> None:
        mine = (chunks.c.job_id == claim.job_id, chunks.c.number == claim.number, chunks.c.fence == claim.fence)
        update = chunks.update().where(*mine, chunks.c.status == "running").values(values)
        if connection.execute(update).rowcount != 1:
            raise LeaseLostError(f"Chunk {claim.number} of job {claim.job_id} has another owner.")


def _in(wait_s: float) -> sa.ColumnElement[int] | None:
    return now_ms() + int(wait_s * 1000) if wait_s > 0 else None


def _remembered(job_id: str, item: Unfinished, now: int) -> dict[str, object]:
    return {
        "b_job_id": job_id,
        "b_position": item.index,
        "b_attempts": item.attempts,
        "b_unclear": item.unclear,
        "b_not_before": now + int(item.wait_s * 1000) if item.wait_s > 0 else None,
        "b_first_sent_at": None if item.sent_ago_s is None else now - int(item.sent_ago_s * 1000),
    }


def _parameters(job_id: str, result: ItemResult) -> dict[str, object]:
    values = {f"b_{name}": value for name, value in result_values(result).items()}
    return {"b_job_id": job_id, "b_position": result.index, **values}
