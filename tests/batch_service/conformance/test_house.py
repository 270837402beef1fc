"""Housekeeping: one process at a time, old jobs forgotten, space given back."""

from dataclasses import replace
from pathlib import Path

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import batch_keys, chunks, items, jobs, leases
from batch_service.bootstrap import MIGRATIONS
from batch_service.domain.errors import JobNotFoundError, JobRunningError
from batch_service.domain.ports import BatchKey
from servicekit.database import Database
from tests.batch_service.conformance.results import claim, good, record
from tests.batch_service.conformance.rows import expire_leases
from tests.batch_service.making import OWNER, add_job, make_item, make_job, make_vault


def rows_left(store: SqlJobStore) -> int:
    with store.database.reading() as connection:
        return sum(len(connection.execute(table.select()).all()) for table in (jobs, chunks, items, batch_keys))


def end(store: SqlJobStore, count: int = 1, *, key: BatchKey | None = None) -> str:
    job = make_job(count, key=key)
    add_job(store, job, chunk_items=count)
    record(store, claim(store), [good(n) for n in range(count)], last=True)
    return job.id


def test_one_process_keeps_house(store: SqlJobStore) -> None:
    assert store.lead("a", lease_s=60)
    assert not store.lead("b", lease_s=60)
    assert store.lead("a", lease_s=60)
    with store.database.writing() as connection:
        connection.execute(leases.update().values(lease_until=1))
    assert store.lead("b", lease_s=60)
    assert not store.lead("a", lease_s=60)


def test_old_jobs_are_forgotten_with_all_they_held(store: SqlJobStore) -> None:
    old = [end(store, 3, key=BatchKey(f"key-{n:04}", b"x")) for n in range(3)]
    with store.database.writing() as connection:
        connection.execute(jobs.update().values(finished_at=1))
    young, running = end(store), make_job()
    add_job(store, running, chunk_items=1)
    assert [store.purge(retention_s=60, limit=2) for _ in range(3)] == [2, 1, 0]
    for job_id in old:
        with pytest.raises(JobNotFoundError):
            store.get(job_id, OWNER)
    assert store.get(young, OWNER)
    assert store.get(running.id, OWNER)
    assert rows_left(store) == 6


def test_a_job_that_ended_can_be_deleted(store: SqlJobStore) -> None:
    job_id = end(store, 2, key=BatchKey("a-key-of-its-own", b"x"))
    store.delete(job_id, OWNER)
    assert rows_left(store) == 0
    with pytest.raises(JobNotFoundError):
        store.delete(job_id, OWNER)


def test_a_job_that_runs_cannot(store: SqlJobStore) -> None:
    job = make_job()
    add_job(store, job, chunk_items=1)
    with pytest.raises(JobRunningError):
        store.delete(job.id, OWNER)
    assert store.get(job.id, OWNER)


def test_what_is_forgotten_leaves_the_disk(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/batch.db")
    MIGRATIONS.upgrade(database)
    store = SqlJobStore(database, make_vault())

    def pages() -> int:
        with database.reading() as connection:
            return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())

    before = pages()
    job = replace(make_job(), items=[make_item(n, body=b"x" * 4_000) for n in range(500)])
    add_job(store, job, chunk_items=500)
    assert pages() > before + 400
    store.cancel(job.id, OWNER)
    store.delete(job.id, OWNER)
    assert pages() < before + 50
    database.dispose()


def test_what_has_no_worker_is_seen(store: SqlJobStore) -> None:
    assert store.free_chunks(at_most=8) == 0
    add_job(store, make_job(), chunk_items=1)
    assert store.free_chunks(at_most=8) == 1
    claim(store)
    assert store.free_chunks(at_most=8) == 0
    expire_leases(store.database)
    assert store.free_chunks(at_most=8) == 1


def test_whether_anyone_works_is_seen(store: SqlJobStore) -> None:
    add_job(store, make_job(), chunk_items=1)
    assert not store.is_at_work()
    claim(store)
    assert store.is_at_work()
    expire_leases(store.database)
    assert not store.is_at_work()
