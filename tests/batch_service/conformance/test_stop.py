"""Jobs that stop before their end: too many errors, or too late."""

from dataclasses import replace

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import jobs
from batch_service.domain.job import JobStatus, Stop
from tests.batch_service.conformance.results import bad, claim, good, record
from tests.batch_service.conformance.rows import check_counts, expire_leases, statuses
from tests.batch_service.making import OWNER, add_job, make_job, make_refused


def make_due(store: SqlJobStore, job_id: str) -> None:
    with store.database.writing() as connection:
        connection.execute(jobs.update().where(jobs.c.id == job_id).values(expires_at=1))


def test_as_many_errors_as_the_sender_bears_stop_a_job(store: SqlJobStore) -> None:
    job = make_job(6, max_errors=2)
    add_job(store, job, chunk_items=2)
    held = claim(store)
    assert held.errors_left == 2
    assert record(store, held, [bad(0), good(1)], last=True).stop is None
    held = claim(store)
    assert held.errors_left == 1
    stopped = record(store, held, [bad(2)])
    assert (stopped.stop, stopped.status) == (Stop.ERRORS, JobStatus.RUNNING)


def test_a_job_that_is_to_stop_at_an_error_has_one_chunk_at_work(store: SqlJobStore) -> None:
    """What other chunks had in flight could not be stopped any more."""
    add_job(store, make_job(6, max_errors=2), chunk_items=2)
    held = claim(store)
    assert store.claim("another", lease_s=30) is None
    add_job(store, make_job(1), chunk_items=2)
    assert store.claim("another", lease_s=30) is not None
    expire_leases(store.database)
    again = claim(store)
    assert (again.job_id, again.number) == (held.job_id, 0)


def test_what_no_worker_holds_is_424_then(store: SqlJobStore) -> None:
    job = make_job(6, max_errors=1)
    add_job(store, job, chunk_items=2)
    ended = record(store, claim(store), [bad(0), good(1)], last=True)
    assert (ended.stop, ended.status) == (Stop.ERRORS, JobStatus.PARTIAL)
    rows = store.results(job.id, OWNER, limit=10, after=None, status=None)
    assert [row.response_code for row in rows] == [400, 201, 424, 424, 424, 424]
    check_counts(store, job.id)
    assert store.claim("a", lease_s=30) is None


def test_items_refused_at_the_door_count_as_errors(store: SqlJobStore) -> None:
    job = make_job(3, max_errors=1)
    add_job(store, replace(job, items=[make_refused(0), *job.items[1:]]), chunk_items=2)
    assert store.get(job.id, OWNER).status is JobStatus.FAILED
    assert statuses(store.database, job.id) == ["failed", "failed", "failed"]


def test_a_job_whose_time_is_over_expires(store: SqlJobStore) -> None:
    job, other = make_job(4), make_job(1)
    add_job(store, job, chunk_items=2)
    add_job(store, other, chunk_items=2)
    held = claim(store)
    make_due(store, job.id)
    assert store.expire_due() == 1
    assert store.expire_due() == 0
    assert statuses(store.database, job.id) == ["pending", "pending", "failed", "failed"]
    assert record(store, held, [good(0)]).stop is Stop.EXPIRED
    assert record(store, held, [bad(1)], last=True).status is JobStatus.EXPIRED
    assert store.get(other.id, OWNER).stop is None
    last = store.results(job.id, OWNER, limit=1, after=2, status=None)[0]
    assert (last.response_code, b'"expired"' in (last.response_body or b"")) == (504, True)


def test_a_job_that_ended_does_not_expire(store: SqlJobStore) -> None:
    job = make_job()
    add_job(store, job, chunk_items=1)
    record(store, claim(store), [good(0)], last=True)
    make_due(store, job.id)
    assert store.expire_due() == 0
    assert store.get(job.id, OWNER).status is JobStatus.SUCCEEDED


@pytest.mark.parametrize("why", [Stop.CANCELLED, Stop.EXPIRED])
def test_the_first_reason_to_stop_stays(store: SqlJobStore, why: Stop) -> None:
    job = make_job(2, max_errors=1)
    add_job(store, job, chunk_items=2)
    held = claim(store)
    if why is Stop.CANCELLED:
        store.cancel(job.id, OWNER)
    else:
        make_due(store, job.id)
        store.expire_due()
    assert record(store, held, [bad(0)]).stop is why
