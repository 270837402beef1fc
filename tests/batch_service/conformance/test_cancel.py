from dataclasses import replace

import orjson
import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.domain.chunk import Unfinished
from batch_service.domain.errors import JobFinishedError, JobNotFoundError
from batch_service.domain.job import JobStatus, Stop
from servicekit.database import Database
from servicekit.ids import new_id
from tests.batch_service.conformance.results import bad, claim, good, record
from tests.batch_service.conformance.rows import check_counts, chunk_statuses, expire_leases, statuses
from tests.batch_service.making import OWNER, add_job, make_item, make_job, make_refused


def test_a_job_that_nobody_holds_ends_at_once(store: SqlJobStore, database: Database) -> None:
    job = make_job()
    add_job(store, replace(job, entity="things", items=[make_item(0), make_refused(1), make_item(2)]), chunk_items=2)
    cancelled = store.cancel(job.id, OWNER)
    assert cancelled.status is JobStatus.CANCELLED
    assert cancelled.finished_at is not None
    assert check_counts(store, job.id).failed == 3
    rows = store.results(job.id, OWNER, limit=10, after=None, status=None)
    assert [row.response_code for row in rows] == [499, 400, 499]
    assert orjson.loads(rows[0].response_body or b"")["code"] == "cancelled"
    assert store.claim("a", lease_s=30) is None
    assert chunk_statuses(database, job.id) == ["done", "done"]


def test_what_a_worker_holds_is_the_workers_to_end(store: SqlJobStore, database: Database) -> None:
    job = make_job(4)
    add_job(store, job, chunk_items=2)
    held = claim(store)
    cancelled = store.cancel(job.id, OWNER)
    assert cancelled.status is JobStatus.RUNNING
    assert cancelled.stop is Stop.CANCELLED
    assert statuses(database, job.id) == ["pending", "pending", "failed", "failed"]
    assert record(store, held, [good(0)]).stop is Stop.CANCELLED
    ended = record(store, held, [bad(1, code=499)], last=True)
    assert ended.status is JobStatus.CANCELLED
    assert check_counts(store, job.id).succeeded == 1


def test_what_a_dead_worker_held_is_claimed_again_as_cancelled(store: SqlJobStore, database: Database) -> None:
    job = make_job(2)
    add_job(store, job, chunk_items=2)
    claim(store)
    store.cancel(job.id, OWNER)
    expire_leases(database)
    again = claim(store, "b")
    assert again.stop
    assert again.was_claimed_before


def test_what_is_handed_back_after_the_cancel_ends_there(store: SqlJobStore) -> None:
    """Whatever it was to wait for, nobody need take it up again."""
    job = make_job(2)
    add_job(store, job, chunk_items=2)
    held = claim(store)
    store.cancel(job.id, OWNER)
    store.release(held, [Unfinished(0, 1, unclear=True)], wait_s=300)
    assert store.get(job.id, OWNER).status is JobStatus.CANCELLED
    rows = store.results(job.id, OWNER, limit=2, after=None, status=None)
    assert [row.response_code for row in rows] == [409, 499]
    assert store.claim("b", lease_s=30) is None
    check_counts(store, job.id)


def test_cancelling_twice_is_cancelling_once(store: SqlJobStore) -> None:
    job, held_job = make_job(2), make_job(2)
    add_job(store, held_job, chunk_items=1)
    claim(store)
    add_job(store, job, chunk_items=1)
    for cancelled in (job, held_job):
        assert store.cancel(cancelled.id, OWNER) == store.cancel(cancelled.id, OWNER) == store.get(cancelled.id, OWNER)
        check_counts(store, cancelled.id)


@pytest.mark.parametrize("result", [good(0), bad(0)])
def test_a_job_that_ended_cannot_be_cancelled(store: SqlJobStore, result: object) -> None:
    job = make_job(1)
    add_job(store, job, chunk_items=1)
    store.record(claim(store), [good(0) if result == good(0) else bad(0)], lease_s=30, last=True)
    before = store.get(job.id, OWNER)
    with pytest.raises(JobFinishedError):
        store.cancel(job.id, OWNER)
    assert store.get(job.id, OWNER) == before


def test_other_jobs_go_on(store: SqlJobStore) -> None:
    job, other = make_job(2), make_job(2)
    for one in (job, other):
        add_job(store, one, chunk_items=2)
    store.cancel(job.id, OWNER)
    assert claim(store).job_id == other.id
    assert check_counts(store, other.id).pending == 2


def test_a_job_that_is_not_there_cannot_be_cancelled(store: SqlJobStore) -> None:
    with pytest.raises(JobNotFoundError):
        store.cancel(new_id(), OWNER)
