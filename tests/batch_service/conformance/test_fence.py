import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.domain.errors import LeaseLostError
from servicekit.database import Database
from tests.batch_service.conformance.results import bad, claim, good, record
from tests.batch_service.conformance.rows import check_counts, chunk_statuses, expire_leases, statuses
from tests.batch_service.making import OWNER, add_job, make_job


def test_a_worker_past_its_lease_changes_nothing_once_another_has_the_chunk(store: SqlJobStore, database: Database) -> None:
    job = make_job(2)
    add_job(store, job, chunk_items=2)
    late = claim(store)
    expire_leases(database)
    record(store, claim(store, "b"), [good(0)])
    for last in (False, True):
        with pytest.raises(LeaseLostError):
            record(store, late, [bad(0), bad(1)], last=last)
    with pytest.raises(LeaseLostError):
        store.release(late)
    assert statuses(database, job.id) == ["succeeded", "pending"]
    assert chunk_statuses(database, job.id) == ["running"]
    assert check_counts(store, job.id).failed == 0


def test_a_worker_past_its_lease_may_go_on_as_long_as_nobody_has_the_chunk(store: SqlJobStore, database: Database) -> None:
    job = make_job(1)
    add_job(store, job, chunk_items=1)
    late = claim(store)
    expire_leases(database)
    assert record(store, late, [good(0)], last=True).status == "succeeded"


@pytest.mark.parametrize("ended", ["done", "released", "cancelled"])
def test_a_chunk_that_is_no_longer_running_takes_no_results(store: SqlJobStore, ended: str) -> None:
    job = make_job(1)
    add_job(store, job, chunk_items=1)
    held = claim(store)
    if ended == "done":
        record(store, held, [good(0)], last=True)
    else:
        store.release(held)
        if ended == "cancelled":
            store.cancel(job.id, OWNER)
    before = store.get(job.id, OWNER)
    with pytest.raises(LeaseLostError):
        record(store, held, [bad(0)], last=True)
    assert store.get(job.id, OWNER) == before
    check_counts(store, job.id)
