"""What every part of the job store does to a job's own row, and to the items of a job that stops."""

from typing import Any

import sqlalchemy as sa

from batch_service.adapters.key_rows import KeyRows
from batch_service.adapters.result_rows import values_in_clear
from batch_service.adapters.rows import job_of
from batch_service.adapters.tables import chunks, items, jobs
from batch_service.domain.errors import JobNotFoundError
from batch_service.domain.item import ItemResult
from batch_service.domain.job import Job, Stop, final_status
from batch_service.domain.outcome import refused, stopped
from batch_service.domain.owner import Owner
from batch_service.domain.refusal import OUTCOME_UNKNOWN
from servicekit.database import now_ms
from servicekit.ids import is_id


def _ended(why: Stop) -> dict[str, Any]:
    """The columns of an item that ends without a worker; it keeps the count of its attempts."""
    return _without_attempts(stopped(0, why))


def _without_attempts(result: ItemResult) -> dict[str, Any]:
    return {name: value for name, value in values_in_clear(result).items() if name != "attempts"}


def is_whole() -> sa.ColumnElement[bool]:
    """The jobs that were accepted: those whose items are still coming in are nobody's business."""
    return jobs.c.uploading_until.is_(None)


def reached_by() -> sa.ColumnElement[bool]:
    """The jobs that an owner reaches, whose `parameters_of` stand beside this."""
    own = sa.or_(jobs.c.subject == sa.bindparam("b_subject"), sa.bindparam("b_is_admin", type_=sa.Boolean))
    return sa.and_(jobs.c.tenant == sa.bindparam("b_tenant"), own)


def parameters_of(owner: Owner) -> dict[str, object]:
    """What `reached_by` needs to know."""
    return {"b_tenant": owner.tenant, "b_subject": owner.subject, "b_is_admin": owner.is_admin}


# Statements of every chunk's way are made once: to put one together takes longer than the database needs for it.
_THIS = jobs.c.id == sa.bindparam("b_id")
_GET = sa.select(jobs).where(_THIS, is_whole())
# FOR NO KEY UPDATE goes with the key locks of foreign keys: who writes an item twice in one transaction holds one,
# and two of them that asked for the row itself would wait for each other.
_LOCK = _GET.with_for_update(key_share=True)
_GET_OWN = _GET.where(reached_by())
_LOCK_OWN = _LOCK.where(reached_by())
_COUNT = (
    jobs.update()
    .where(_THIS)
    .values(
        succeeded=jobs.c.succeeded + sa.bindparam("b_succeeded", type_=sa.Integer),
        failed=jobs.c.failed + sa.bindparam("b_failed", type_=sa.Integer),
    )
    .returning(jobs)
)
_ENDED_UNCLEAR = _without_attempts(refused(0, OUTCOME_UNKNOWN))


class JobRows(KeyRows):
    """The base of the stores: each method works in a transaction of its caller."""

    def _get(self, connection: sa.Connection, job_id: str, *, lock: bool = False) -> Job:
        return _job(connection.execute(_LOCK if lock else _GET, {"b_id": job_id}).mappings().first())

    def _get_own(self, connection: sa.Connection, job_id: str, owner: Owner, *, lock: bool = False) -> Job:
        # PostgreSQL refuses a text with a NUL by an error of its own: what cannot be an id is not asked for.
        if not is_id(job_id):
            return _job(None)
        found = connection.execute(_LOCK_OWN if lock else _GET_OWN, {"b_id": job_id, **parameters_of(owner)})
        return _job(found.mappings().first())

    def _change(self, connection: sa.Connection, job_id: str, **values: object) -> Job:
        changed = connection.execute(jobs.update().where(jobs.c.id == job_id).values(values).returning(jobs))
        return job_of(changed.mappings().one())

    def _count(self, connection: sa.Connection, job_id: str, *, succeeded: int = 0, failed: int = 0) -> Job:
        """Add to the counts of a job, end it when every item is final, and return it."""
        counted = connection.execute(_COUNT, {"b_id": job_id, "b_succeeded": succeeded, "b_failed": failed})
        job = job_of(counted.mappings().one())
        if job.counts.pending == 0 and not job.status.is_final:
            return self._end(connection, job)
        if job.counts.pending and job.stop is None and job.has_too_many_errors:
            return self._stop(connection, job_id, Stop.ERRORS)
        return job

    def _end(self, connection: sa.Connection, job: Job) -> Job:
        """End a job, and destroy what it has no use for any more; what failed can be sent again for a while."""
        all_succeeded = job.counts.failed == 0
        self._end_secrets(connection, job.id, all_succeeded=all_succeeded)
        ended: dict[str, object] = {"status": final_status(job.counts, job.stop), "finished_at": now_ms()}
        return self._change(connection, job.id, **ended, **({"requests": "erased"} if all_succeeded else {}))

    def _stop(self, connection: sa.Connection, job_id: str, why: Stop) -> Job:
        """Let nothing more of a job be sent: end the items that no worker holds; workers see it at their next write."""
        self._change(connection, job_id, stop=why)
        return self._count(connection, job_id, failed=self._end_idle_items(connection, job_id, why))

    def _end_idle_items(self, connection: sa.Connection, job_id: str, why: Stop) -> int:
        idle = sa.select(chunks.c.number, chunks.c.first_index, chunks.c.last_index).where(
            chunks.c.job_id == job_id, chunks.c.status == "pending"
        )
        # A chunk that a worker is claiming at this moment is skipped: that worker sees it when it writes.
        found = connection.execute(idle.with_for_update(skip_locked=True)).all()
        count = 0
        for number, first, last in found:
            pending = (items.c.job_id == job_id, items.c.status == "pending", items.c.position.between(first, last))
            count += connection.execute(items.update().where(*pending, items.c.unclear).values(_ENDED_UNCLEAR)).rowcount
            count += connection.execute(items.update().where(*pending).values(_ended(why))).rowcount
            this = (chunks.c.job_id == job_id, chunks.c.number == number)
            connection.execute(chunks.update().where(*this).values(status="done"))
        return count


def _job(row: sa.RowMapping | None) -> Job:
    if row is None:
        raise JobNotFoundError("There is no such job.")
    return job_of(row)
