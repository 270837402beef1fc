"""Jobs in SQLite or PostgreSQL, through SQLAlchemy Core: what a client asks of them (a worker's part: chunk_store.py)."""

from itertools import groupby

import sqlalchemy as sa

from batch_service.adapters.chunk_store import ChunkStore
from batch_service.adapters.rows import item_values, job_of, result_row_of, result_values
from batch_service.adapters.tables import chunks, items, jobs
from batch_service.domain.batch import Refused
from batch_service.domain.chunk import slices
from batch_service.domain.errors import JobFinishedError, JobNotFoundError
from batch_service.domain.job import Counts, ErrorGroup, Job, JobStatus, final_status
from batch_service.domain.outcome import refused
from batch_service.domain.ports import NewJob, ResultRow
from batch_service.domain.refusal import CANCELLED
from servicekit.database import now_ms
from servicekit.ids import is_id

_ROWS_A_STATEMENT = 1_000


class SqlJobStore(ChunkStore):
    """The job store on one database; each method is one transaction."""

    def add(self, job: NewJob, *, chunk_items: int) -> None:
        """Store a job, its chunks and its items."""
        failed = sum(isinstance(item, Refused) for item in job.items)
        counts = Counts(len(job.items), failed=failed)
        ended = counts.pending == 0
        status = final_status(counts, cancelled=False) if ended else JobStatus.QUEUED
        with self.database.writing() as connection:
            connection.execute(
                jobs.insert().values(
                    id=job.id,
                    entity=job.entity,
                    status=status,
                    total=counts.total,
                    succeeded=0,
                    failed=failed,
                    created_at=now_ms(),
                    finished_at=now_ms() if ended else None,
                    traceparent=job.traceparent,
                )
            )
            self._add_chunks(connection, job, chunk_items=chunk_items, ended=ended)
            for first in range(0, counts.total, _ROWS_A_STATEMENT):
                rows = [item_values(job.id, item) for item in job.items[first : first + _ROWS_A_STATEMENT]]
                connection.execute(items.insert(), rows)

    def _add_chunks(self, connection: sa.Connection, job: NewJob, *, chunk_items: int, ended: bool) -> None:
        rows = [
            {
                "job_id": job.id,
                "number": number,
                "first_index": positions.start,
                "last_index": positions.stop - 1,
                "status": "done" if ended else "pending",
                "fence": 0,
                "claims": 0,
            }
            for number, positions in enumerate(slices(len(job.items), chunk_items=chunk_items))
        ]
        connection.execute(chunks.insert(), rows)

    def get(self, job_id: str) -> Job:
        """Return a job."""
        with self.database.reading() as connection:
            return self._get(connection, job_id)

    def page(self, *, limit: int, before: str | None, status: JobStatus | None, entity: str | None) -> list[Job]:
        """Return jobs, newest first: their ids sort by the time they were made."""
        query = sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(jobs.c.id < before)
        if status is not None:
            query = query.where(jobs.c.status == status)
        if entity is not None:
            query = query.where(jobs.c.entity == entity)
        with self.database.reading() as connection:
            return [job_of(row) for row in connection.execute(query).mappings()]

    def results(self, job_id: str, *, limit: int, after: int | None, status: str | None) -> list[ResultRow]:
        """Return items in the order of the batch."""
        query = sa.select(items).where(items.c.job_id == job_id).order_by(items.c.position).limit(limit)
        if after is not None:
            query = query.where(items.c.position > after)
        if status is not None:
            query = query.where(items.c.status == status)
        with self.database.reading() as connection:
            return [result_row_of(row) for row in connection.execute(query).mappings()]

    def error_groups(self, job_id: str, *, limit: int, indexes: int) -> list[ErrorGroup]:
        """Group the failures of a job."""
        failures = sa.select(items.c.response_code, items.c.error, items.c.position).where(
            items.c.job_id == job_id, items.c.status == "failed"
        )
        row_number = sa.func.row_number().over(partition_by=["response_code", "error"], order_by="position")
        ranked = failures.add_columns(row_number.label("rank")).subquery()
        same = (ranked.c.response_code, ranked.c.error)
        counted = (
            sa.select(*same, sa.func.count().label("size")).group_by(*same).order_by(sa.desc("size"), *same).limit(limit)
        )
        # One statement: a second would see results that came after the first, and with them other groups.
        groups = counted.subquery()
        of_group = (ranked.c.response_code == groups.c.response_code, ranked.c.error == groups.c.error)
        query = sa.select(groups, ranked.c.position).join(ranked, sa.and_(*of_group)).where(ranked.c.rank <= indexes)
        query = query.order_by(groups.c.size.desc(), groups.c.response_code, groups.c.error, ranked.c.position)
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        return [
            ErrorGroup(*group, tuple(row.position for row in members))
            for group, members in groupby(rows, key=lambda row: (row.response_code, row.error, row.size))
        ]

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop, and end the items that no worker holds."""
        with self.database.writing() as connection:
            job = self._get(connection, job_id, lock=True)
            if job.status is JobStatus.CANCELLED or job.cancel_requested_at is not None:
                return job
            if job.status.is_final:
                raise JobFinishedError(f"The job has ended already: it is {job.status}.")
            self._change(connection, job_id, cancel_requested_at=now_ms())
            return self._count(connection, job_id, failed=self._cancel_idle_items(connection, job_id))

    def _cancel_idle_items(self, connection: sa.Connection, job_id: str) -> int:
        idle = sa.select(chunks.c.number, chunks.c.first_index, chunks.c.last_index).where(
            chunks.c.job_id == job_id, chunks.c.status == "pending"
        )
        # A chunk that a worker is claiming at this moment is skipped: it sees that the job is cancelled, and waits for us.
        found = connection.execute(idle.with_for_update(skip_locked=True)).all()
        ended = result_values(refused(0, CANCELLED))
        cancelled = 0
        for number, first, last in found:
            pending = (items.c.job_id == job_id, items.c.status == "pending", items.c.position.between(first, last))
            cancelled += connection.execute(items.update().where(*pending).values(ended)).rowcount
            this = (chunks.c.job_id == job_id, chunks.c.number == number)
            connection.execute(chunks.update().where(*this).values(status="done"))
        return cancelled

    def _get(self, connection: sa.Connection, job_id: str, *, lock: bool = False) -> Job:
        query = sa.select(jobs).where(jobs.c.id == job_id)
        # PostgreSQL refuses a text with a NUL by an error of its own: what cannot be an id is not asked for.
        row = connection.execute(query.with_for_update() if lock else query).mappings().first() if is_id(job_id) else None
        if row is None:
            raise JobNotFoundError("There is no such job.")
        return job_of(row)
