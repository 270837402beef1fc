"""What has to be done to the job store from time to time: expiry, retention, and a look at what has no worker."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from batch_service.adapters.job_rows import JobRows, is_whole
from batch_service.adapters.tables import chunks, jobs, leases
from batch_service.domain.job import Stop
from servicekit.database import now_ms

_LEASE = "housekeeping"


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

    def free_chunks(self, *, at_most: int) -> int:
        """Count the chunks that wait for a worker, up to so many."""
        with self.database.reading() as connection:
            return len(connection.execute(sa.select(chunks.c.number).where(is_free()).limit(at_most)).all())

    def is_at_work(self) -> bool:
        """Look for a chunk that is run under a living lease."""
        held = sa.select(chunks.c.number).where(chunks.c.status == "running", chunks.c.lease_until >= now_ms())
        with self.database.reading() as connection:
            return connection.execute(held.limit(1)).first() is not None
