"""Jobs whose items come in bit by bit, in SQLite or PostgreSQL: short transactions, so that workers can write between them."""

from collections.abc import Sequence

import sqlalchemy as sa

from batch_service.adapters.new_jobs import NewJobs
from batch_service.adapters.rows import insert_items
from batch_service.adapters.tables import items, jobs
from batch_service.domain.batch import Refused
from batch_service.domain.errors import UploadLostError
from batch_service.domain.item import Item
from batch_service.domain.job import Counts
from batch_service.domain.ports import NewJob
from servicekit.database import now_ms

_ROWS_AT_ONCE = 10_000


class SqlUploads(NewJobs):
    """A row of `jobs` that says until when it is being uploaded, and its items; without chunks no worker sees them."""

    def begin(self, job: NewJob, *, lease_s: float) -> None:
        """Make a job without items."""
        options = {"max_errors": job.max_errors, "traceparent": job.traceparent, "patient": job.patient}
        with self.database.writing() as connection:
            self._add_job(connection, job, Counts(0), entity=job.entity, uploading_until=_in(lease_s), **options)
            self._make_keys(connection, job)

    def append(self, job_id: str, items: Sequence[Item | Refused], *, lease_s: float, max_pending_items: int) -> None:
        """Store more items of a job; they count as waiting from now on."""
        refused = sum(isinstance(item, Refused) for item in items)
        grown = {"total": jobs.c.total + len(items), "failed": jobs.c.failed + refused, "uploading_until": _in(lease_s)}
        with self.database.writing() as connection:
            self._check_room(connection, len(items) - refused, max_pending_items)
            self._change_upload(connection, job_id, **grown)
            insert_items(connection, job_id, items, self._keys(connection, job_id))

    def find_duplicate(self, job_id: str) -> tuple[str, int, int] | None:
        """Look for an id that two items have; beside the writers, since it may take a second."""
        first = sa.func.min(items.c.position)
        query = sa.select(items.c.client_id, first, sa.func.max(items.c.position))
        query = query.where(items.c.job_id == job_id, items.c.client_id.is_not(None))
        query = query.group_by(items.c.client_id).having(sa.func.count() > 1).order_by(first).limit(1)
        with self.database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row[0], row[1], row[2])

    def complete(self, job: NewJob) -> str:
        """Make a job of what was stored: give it chunks, and let its time begin."""
        begun = {"created_at": now_ms(), "expires_at": _in(job.expires_after_s), "uploading_until": None}
        with self.database.writing() as connection:
            earlier = self._earlier(connection, job)
            if earlier is not None:
                return earlier
            counts = self._change_upload(connection, job.id, **begun)
            self._add_chunks(connection, job, counts)
            self._count(connection, job.id)
            return self._claim_key(connection, job)

    def _change_upload(self, connection: sa.Connection, job_id: str, **values: object) -> Counts:
        ours = (jobs.c.id == job_id, jobs.c.uploading_until >= now_ms())
        changed = jobs.update().where(*ours).values(values).returning(jobs.c.total, jobs.c.succeeded, jobs.c.failed)
        row = connection.execute(changed).first()
        if row is None:
            raise UploadLostError("The rest of the batch took too long to come; send it again.")
        return Counts(*row)

    def discard(self, job_id: str) -> None:
        """Throw away what came of a job that is not complete, a few rows in one transaction."""
        this = (jobs.c.id == job_id, jobs.c.uploading_until.is_not(None))
        with self.database.writing() as connection:  # from here on nothing can be added to it any more
            given_up = jobs.update().where(*this).values(uploading_until=0).returning(jobs.c.total)
            total = connection.execute(given_up).scalar()
        if total is None:
            return
        for first in range(0, total, _ROWS_AT_ONCE):
            some = (items.c.job_id == job_id, items.c.position.between(first, first + _ROWS_AT_ONCE - 1))
            with self.database.writing() as connection:
                connection.execute(items.delete().where(*some))
        with self.database.writing() as connection:
            connection.execute(jobs.delete().where(*this))
        self.database.free_space()

    def lost(self, *, limit: int) -> list[str]:
        """Return uploads whose lease ran out."""
        query = sa.select(jobs.c.id).where(jobs.c.uploading_until < now_ms(), jobs.c.finished_at.is_(None)).limit(limit)
        with self.database.reading() as connection:
            return list(connection.execute(query).scalars())


def _in(seconds: float) -> sa.ColumnElement[int]:
    return now_ms() + int(seconds * 1000)
