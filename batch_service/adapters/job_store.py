"""Jobs in SQLite or PostgreSQL, through SQLAlchemy Core: what a client asks of them once they are stored."""

from collections.abc import Iterable, Sequence
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from batch_service.adapters.chunk_store import ChunkStore
from batch_service.adapters.house_store import HouseStore
from batch_service.adapters.job_keys import JobKeys
from batch_service.adapters.job_rows import is_whole, parameters_of, reached_by
from batch_service.adapters.new_jobs import NewJobs
from batch_service.adapters.result_rows import RESULT_ROW_COLUMNS, open_error, result_row_of
from batch_service.adapters.rows import job_of
from batch_service.adapters.tables import items, jobs
from batch_service.domain.errors import JobFinishedError, JobRunningError
from batch_service.domain.job import ErrorGroup, Job, JobStatus, Stop
from batch_service.domain.owner import Owner
from batch_service.domain.ports import ResultRow

_ROWS_FETCHED = 100
_retry = jobs.alias()
_RETRIED = sa.select(jobs.c.id).where(
    jobs.c.id == sa.select(_retry.c.retry_of).where(_retry.c.id == sa.bindparam("b_id")).scalar_subquery(), reached_by()
)


class SqlJobStore(NewJobs, ChunkStore, HouseStore):
    """The job store on one database; each method is one transaction."""

    def get(self, job_id: str, owner: Owner) -> Job:
        """Return a job."""
        with self.database.reading() as connection:
            return self._get_own(connection, job_id, owner)

    def page(self, owner: Owner, *, limit: int, before: str | None, status: JobStatus | None, entity: str | None) -> list[Job]:
        """Return jobs, newest first: their ids sort by the time they were made."""
        query = sa.select(jobs).where(is_whole(), reached_by()).order_by(jobs.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(jobs.c.id < before)
        if status is not None:
            query = query.where(jobs.c.status == status)
        if entity is not None:
            query = query.where(jobs.c.entity == entity)
        with self.database.reading() as connection:
            return [job_of(row) for row in connection.execute(query, parameters_of(owner)).mappings()]

    def results(
        self,
        job_id: str,
        owner: Owner,
        *,
        limit: int,
        after: int | None,
        status: str | None,
        merged: bool = False,
        max_bytes: int | None = None,
    ) -> list[ResultRow]:
        """Return items in the order of the batch, or of the first batch of those that retry one another."""
        with self.database.reading() as connection:
            self._get_own(connection, job_id, owner)
            lineage = self._lineage(connection, job_id, owner) if merged else [job_id]
            source = _latest(lineage) if merged else items
            place = source.c.root_position if merged else source.c.position
            query = sa.select(place, *(source.c[name] for name in RESULT_ROW_COLUMNS), source.c.job_id, source.c.position)
            query = query.order_by(place).limit(limit)
            if not merged:
                query = query.where(source.c.job_id == job_id)
            if after is not None:
                query = query.where(place > after)
            if status is not None:
                query = query.where(source.c.status == status)
            keys = {each: self._keys(connection, each) for each in lineage}
            # A few at a time: bodies may be large, and those past `max_bytes` are not fetched at all.
            with connection.execute(query.execution_options(yield_per=_ROWS_FETCHED)) as found:
                return _up_to((result_row_of(row, keys[of_job], position) for *row, of_job, position in found), max_bytes)

    def finished(self, job_id: str, owner: Owner, positions: Sequence[int]) -> list[ResultRow]:
        """Return those of these items that have a final result."""
        query = sa.select(items.c.position, *(items.c[name] for name in RESULT_ROW_COLUMNS)).order_by(items.c.position)
        query = query.where(items.c.job_id == job_id, items.c.position.in_(positions), items.c.status != "pending")
        with self.database.reading() as connection:
            self._get_own(connection, job_id, owner)
            keys = self._keys(connection, job_id)
            return [result_row_of(row, keys, row[0]) for row in connection.execute(query)]

    def _lineage(self, connection: sa.Connection, job_id: str, owner: Owner) -> list[str]:
        """The job, the one that it retries, the one that that retries, and so on, as far as they are the owner's."""
        lineage: list[str] = []
        following: str | None = job_id
        while following is not None:
            lineage.append(following)
            following = connection.execute(_RETRIED, {"b_id": following, **parameters_of(owner)}).scalar()
        return lineage

    def error_groups(self, job_id: str, owner: Owner, *, limit: int, indexes: int) -> list[ErrorGroup]:
        """Group the failures of a job."""
        same = (items.c.response_code, items.c.error, items.c.sealed_error)
        # One statement: a second would see results that came after the first, and with them other groups.
        ranked = (
            sa.select(
                *same,
                items.c.position,
                sa.func.count().over(partition_by=same).label("size"),
                sa.func.min(items.c.position).over(partition_by=same).label("first"),
                sa.func.row_number().over(partition_by=same, order_by=items.c.position).label("rank"),
            )
            .where(items.c.job_id == job_id, items.c.status == "failed")
            .subquery()
        )
        query = sa.select(ranked).where(ranked.c.rank <= indexes).limit(limit * indexes)
        query = query.order_by(ranked.c.size.desc(), ranked.c.response_code, ranked.c.first, ranked.c.position)
        with self.database.reading() as connection:
            self._get_own(connection, job_id, owner)
            keys = self._keys(connection, job_id)
            rows = connection.execute(query).all()
        groups = (list(members) for _, members in groupby(rows, key=attrgetter("first")))
        return [_group(members, keys) for members in islice(groups, limit)]

    def make_patient(self, job_id: str, owner: Owner) -> Job:
        """Note that nobody waits for the end of a job any more."""
        with self.database.writing() as connection:
            self._get_own(connection, job_id, owner, lock=True)
            return self._change(connection, job_id, patient=True)

    def cancel(self, job_id: str, owner: Owner) -> Job:
        """Ask a job to stop, and end the items that no worker holds."""
        with self.database.writing() as connection:
            job = self._get_own(connection, job_id, owner, lock=True)
            if job.stop is Stop.CANCELLED:
                return job
            if job.status.is_final:
                raise JobFinishedError(f"The job has ended already: it is {job.status}.")
            return self._stop(connection, job_id, Stop.CANCELLED)

    def delete(self, job_id: str, owner: Owner) -> None:
        """Forget a job that has ended, and free the space that it took."""
        with self.database.writing() as connection:
            if not self._get_own(connection, job_id, owner, lock=True).status.is_final:
                raise JobRunningError("The job has not ended yet: cancel it first.")
            connection.execute(jobs.delete().where(jobs.c.id == job_id))
        self.database.free_space()


def _up_to(rows: Iterable[ResultRow], max_bytes: int | None) -> list[ResultRow]:
    taken: list[ResultRow] = []
    size = 0
    for row in rows:
        taken.append(row)
        size += len(row.response_body or b"")
        if max_bytes is not None and size > max_bytes:
            break
    return taken


def _group(rows: Sequence[Any], keys: JobKeys) -> ErrorGroup:
    code, error, sealed_error, _, size, *_ = rows[0]
    return ErrorGroup(code, open_error(keys, error, sealed_error) or "", size, tuple(row.position for row in rows))


def _latest(lineage: list[str]) -> sa.Subquery:
    """The rows of several jobs that retry one another, of each item the latest: job ids sort by time."""
    newest_first = sa.func.row_number().over(partition_by=items.c.root_position, order_by=items.c.job_id.desc())
    ranked = sa.select(items, newest_first.label("age")).where(items.c.job_id.in_(lineage)).subquery()
    return sa.select(ranked).where(ranked.c.age == 1).subquery()
