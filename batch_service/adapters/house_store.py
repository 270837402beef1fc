"""What has to be done to the job store from time to time: expiry, retention, and a look at what has no worker."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from batch_service.adapters.job_rows import JobRows, is_whole
from batch_service.adapters.tables import chunks, items, job_keys, jobs, leases
from batch_service.domain.job import Stop
from servicekit.database import now_ms

_LEASE = "housekeeping"
_ROWS_AT_ONCE = 10_000


def is_free() -> sa.ColumnElement[bool]:
    """The chunks that a worker may claim: those that wait and are due, and those whose worker's lease ran out."""
    lost = sa.and_(chunks.c.status == "running", chunks.c.lease_until < now_ms())
    due = sa.and_(chunks.c.status == "pending", sa.or_(chunks.c.not_before.is_(None), chunks.c.not_before <= now_ms()))
    return sa.and_(chunks.c.status != "done", sa.or_(due, lost))


class HouseStore(JobRows):
    """The part of the job store that keeps house; by the database's clock alone."""

    def lead(self, owner: str, *, lease_s: float) -> bool:
        """Take or renew the lease, unless another process holds it."""
        insert = sqlite.insert if self.database.is_sqlite else postgresql.insert
        values = {"owner": owner, "lease_until": now_ms() + int(lease_s * 1000)}
        new = insert(leases).values(name=_LEASE, **values)
        free = sa.or_(leases.c.owner == owner, leases.c.lease_until < now_ms())
        take = new.on_conflict_do_update(index_elements=[leases.c.name], set_=values, where=free).returning(leases.c.owner)
        with self.database.writing() as connection:
            return connection.execute(take).first() is not None

    def expire_due(self) -> int:
        """Stop the jobs whose time is over."""
        running = (jobs.c.finished_at.is_(None), jobs.c.stop.is_(None), is_whole())
        due = sa.select(jobs.c.id).where(*running, jobs.c.expires_at < now_ms())
        with self.database.reading() as connection:
            ids = connection.execute(due).scalars().all()
        return sum(self._expire(job_id) for job_id in ids)

    def _expire(self, job_id: str) -> bool:
        with self.database.writing() as connection:
            job = self._get(connection, job_id, lock=True)
            is_due = not job.status.is_final and job.stop is None
            if is_due:
                self._stop(connection, job_id, Stop.EXPIRED)
            return is_due

    def purge(self, *, retention_s: float, limit: int) -> int:
        """Forget old jobs, a few in one transaction, and give their pages back to the disk."""
        old = sa.select(jobs.c.id).where(jobs.c.finished_at < now_ms() - int(retention_s * 1000)).limit(limit)
        with self.database.reading() as connection:
            ids = connection.execute(old).scalars().all()
        if ids:
            with self.database.writing() as connection:
                connection.execute(jobs.delete().where(jobs.c.id.in_(ids)))
            self.database.free_space()
        return len(ids)

    def erase_requests(self, *, retry_window_s: float, limit: int) -> int:
        """Erase what failed items were sent with, job by job, a few rows in one transaction, its key first."""
        over = jobs.c.finished_at < now_ms() - int(retry_window_s * 1000)
        due = sa.select(jobs.c.id, jobs.c.total).where(jobs.c.requests != "erased", over).limit(limit)
        with self.database.reading() as connection:
            found = connection.execute(due).all()
        for job_id, total in found:
            self._erase(job_id, total)
        if found:
            self.database.free_space()
        return len(found)

    def _erase(self, job_id: str, total: int) -> None:
        with self.database.writing() as connection:  # from here on the job cannot be tried again
            self._change(connection, job_id, requests="closed")
            connection.execute(job_keys.update().where(job_keys.c.job_id == job_id).values(request_key=None, credential=None))
        self.vault.close(job_id)
        nothing = {"request": None, "headers": None, "body": None, "target": ""}
        for first in range(0, total, _ROWS_AT_ONCE):
            some = (items.c.job_id == job_id, items.c.position.between(first, first + _ROWS_AT_ONCE - 1))
            with self.database.writing() as connection:
                connection.execute(items.update().where(*some, items.c.status == "failed").values(nothing))
        with self.database.writing() as connection:
            connection.execute(jobs.update().where(jobs.c.id == job_id).values(requests="erased"))

    def empty_log(self) -> None:
        """Let what was erased leave the write-ahead log too."""
        self.database.empty_log()

    def free_chunks(self, *, at_most: int) -> int:
        """Count the chunks that wait for a worker, up to so many."""
        with self.database.reading() as connection:
            return len(connection.execute(sa.select(chunks.c.number).where(is_free()).limit(at_most)).all())

    def is_at_work(self) -> bool:
        """Look for a chunk that is run under a living lease."""
        held = sa.select(chunks.c.number).where(chunks.c.status == "running", chunks.c.lease_until >= now_ms())
        with self.database.reading() as connection:
            return connection.execute(held.limit(1)).first() is not None
