"""What the tables hold, looked at from the side."""

from collections.abc import Sequence
from typing import TypeVar

import sqlalchemy as sa

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import chunks, items
from batch_service.domain.job import Counts
from servicekit.database import Database
from tests.batch_service.making import OWNER

T = TypeVar("T")


def statuses(database: Database, job_id: str) -> list[str]:
    return column(database, items.c.status, job_id)


def column(database: Database, wanted: sa.Column[T], job_id: str) -> list[T]:
    table = wanted.table
    order = table.c.position if table is items else table.c.number
    with database.reading() as connection:
        return list(connection.execute(sa.select(wanted).where(table.c.job_id == job_id).order_by(order)).scalars())


def chunk_statuses(database: Database, job_id: str) -> list[str]:
    return column(database, chunks.c.status, job_id)


def check_counts(store: SqlJobStore, job_id: str) -> Counts:
    """The counts of a job are those of its rows."""
    counts = store.get(job_id, OWNER).counts
    found = statuses(store.database, job_id)
    assert _counted(found) == (counts.total, counts.pending, counts.succeeded, counts.failed)
    return counts


def _counted(found: Sequence[str]) -> tuple[int, int, int, int]:
    return len(found), found.count("pending"), found.count("succeeded"), found.count("failed")


def expire_leases(database: Database) -> None:
    """What time does by itself."""
    with database.writing() as connection:
        connection.execute(chunks.update().where(chunks.c.status == "running").values(lease_until=1))
