from batch_service.adapters.job_store import SqlJobStore
from batch_service.domain.job import JobStatus
from servicekit.database import Database
from tests.batch_service.conformance.results import LEASE_S, claim, good, positions, record
from tests.batch_service.conformance.rows import check_counts, chunk_statuses, expire_leases
from tests.batch_service.making import OWNER, add_job, make_job


def test_jobs_take_turns(store: SqlJobStore) -> None:
    big, small = make_job(6), make_job(2)
    add_job(store, big, chunk_items=2)
    add_job(store, small, chunk_items=2)
    claims = [claim(store) for _ in range(4)]
    assert [(claimed.job_id, claimed.number) for claimed in claims] == [(big.id, 0), (small.id, 0), (big.id, 1), (big.id, 2)]
    assert [positions(claimed) for claimed in claims] == [[0, 1], [0, 1], [2, 3], [4, 5]]
    assert store.claim("a", lease_s=LEASE_S) is None


def test_the_first_claim_starts_the_job(store: SqlJobStore) -> None:
    job = make_job(2)
    add_job(store, job, chunk_items=1)
    first = claim(store)
    started = store.get(job.id, OWNER)
    assert started.status is JobStatus.RUNNING
    assert started.started_at is not None
    assert (first.fence, first.was_claimed_before, first.stop) == (1, False, None)
    claim(store)
    assert store.get(job.id, OWNER).started_at == started.started_at


def test_a_chunk_under_a_lease_is_nobody_elses(store: SqlJobStore) -> None:
    add_job(store, make_job(), chunk_items=1)
    claim(store)
    assert store.claim("b", lease_s=LEASE_S) is None


def test_a_chunk_whose_lease_ran_out_is_claimed_again_with_a_higher_fence(store: SqlJobStore, database: Database) -> None:
    add_job(store, make_job(3), chunk_items=3)
    first = claim(store)
    record(store, first, [good(1)])
    expire_leases(database)
    second = claim(store, "b")
    assert second.fence > first.fence
    assert second.was_claimed_before
    assert positions(second) == [0, 2]


def test_a_lease_runs_out_by_the_clock_of_the_database(store: SqlJobStore) -> None:
    add_job(store, make_job(), chunk_items=1)
    store.claim("a", lease_s=-0.001)
    assert store.claim("b", lease_s=LEASE_S) is not None


def test_recording_renews_the_lease(store: SqlJobStore, database: Database) -> None:
    add_job(store, make_job(2), chunk_items=2)
    first = claim(store)
    expire_leases(database)
    record(store, first, [good(0)])
    assert store.claim("b", lease_s=LEASE_S) is None


def test_a_chunk_that_ended_is_never_claimed_again(store: SqlJobStore, database: Database) -> None:
    job = make_job(2)
    add_job(store, job, chunk_items=1)
    record(store, claim(store), [good(0)], last=True)
    expire_leases(database)
    assert positions(claim(store)) == [1]
    assert store.claim("b", lease_s=LEASE_S) is None
    assert chunk_statuses(database, job.id) == ["done", "running"]


def test_a_chunk_that_is_handed_back_is_claimed_as_if_for_the_first_time(store: SqlJobStore) -> None:
    job = make_job(3)
    add_job(store, job, chunk_items=3)
    first = claim(store)
    record(store, first, [good(0)])
    store.release(first)
    second = claim(store, "b")
    assert positions(second) == [1, 2]
    assert not second.was_claimed_before
    assert second.fence > first.fence
    assert check_counts(store, job.id).succeeded == 1
