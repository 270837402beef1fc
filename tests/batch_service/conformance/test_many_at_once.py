"""Many workers and clients at one database at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

import pytest
import sqlalchemy as sa

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import chunks
from batch_service.domain.chunk import Claim, Unfinished
from batch_service.domain.errors import JobFinishedError
from batch_service.domain.job import JobStatus
from servicekit.database import Database
from tests.batch_service.conformance.results import LEASE_S, claim, good, record
from tests.batch_service.conformance.rows import check_counts, chunk_statuses, statuses
from tests.batch_service.making import OWNER, add_job, make_job

T = TypeVar("T")


def at_once(*works: Callable[[], T]) -> list[T]:
    """Run each in a thread of its own, from one start; raise what any of them raises."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        start.wait(10)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [pool.submit(run, work) for work in works]]


def work_off(store: SqlJobStore, owner: str) -> list[tuple[str, int]]:
    done = []
    while (held := store.claim(owner, lease_s=LEASE_S)) is not None:
        record(store, held, [good(item.index) for item in held.items], last=True)
        done.append((held.job_id, held.number))
    return done


def cancel(store: SqlJobStore, job_id: str) -> None:
    with suppress(JobFinishedError):
        store.cancel(job_id, OWNER)


def _record_last(store: SqlJobStore, held: Claim) -> None:
    record(store, held, [good(0)], last=True)


def test_no_two_workers_share_a_chunk(store: SqlJobStore) -> None:
    jobs = [make_job(20) for _ in range(3)]
    for job in jobs:
        add_job(store, job, chunk_items=1)
    done = at_once(*[partial(work_off, store, f"worker-{n}") for n in range(8)])
    chunks_done = [chunk for some in done for chunk in some]
    # A worker may find nothing while another is between its claim and its commit; whoever comes later finds the rest.
    chunks_done += work_off(store, "last")
    assert sorted(chunks_done) == sorted((job.id, number) for job in jobs for number in range(20))
    for job in jobs:
        assert check_counts(store, job.id).succeeded == 20
        assert store.get(job.id, OWNER).status is JobStatus.SUCCEEDED


def test_results_of_many_chunks_add_up(store: SqlJobStore) -> None:
    job = make_job(24)
    add_job(store, job, chunk_items=3)
    held = [claim(store) for _ in range(8)]
    at_once(*[partial(record, store, one, [good(item.index) for item in one.items], last=True) for one in held])
    assert check_counts(store, job.id).succeeded == 24
    assert store.get(job.id, OWNER).status is JobStatus.SUCCEEDED


def test_a_job_can_be_cancelled_while_its_chunks_are_claimed_and_handed_back(store: SqlJobStore) -> None:
    """Whatever comes first, nobody waits for ever, and each item ends."""

    def claim_and_hand_back() -> None:
        for _ in range(6):
            held = store.claim("a", lease_s=LEASE_S)
            if held is not None:
                store.release(held)

    for _ in range(5):
        job = make_job(6)
        add_job(store, job, chunk_items=1)
        at_once(claim_and_hand_back, claim_and_hand_back, partial(cancel, store, job.id), claim_and_hand_back)
        while (held := store.claim("last", lease_s=LEASE_S)) is not None:
            assert held.stop
            record(store, held, [good(item.index) for item in held.items], last=True)
        assert store.get(job.id, OWNER).status is JobStatus.CANCELLED
        assert check_counts(store, job.id).pending == 0


def test_many_chunks_of_a_job_can_be_handed_back_at_once(store: SqlJobStore) -> None:
    """As by a worker that is told to stop: none of them waits for another that waits for it."""
    job = make_job(16)
    add_job(store, job, chunk_items=2)
    for _ in range(10):
        held = [claim(store) for _ in range(8)]
        for one in held:
            store.mark_sent(one, [item.index for item in one.items], lease_s=LEASE_S)
        at_once(*[partial(store.release, one, [Unfinished(item.index, 1) for item in one.items]) for one in held])
    assert [item.attempts for item in claim(store).items] == [1, 1]


def test_a_cancel_does_not_wait_for_a_worker_that_is_claiming(store: SqlJobStore, database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    job = make_job(2)
    add_job(store, job, chunk_items=1)
    with database.writing() as connection:
        first = sa.select(chunks).where(chunks.c.job_id == job.id, chunks.c.number == 0)
        connection.execute(first.with_for_update())
        (cancelled,) = at_once(lambda: store.cancel(job.id, OWNER))
        assert statuses(database, job.id) == ["pending", "failed"]
        assert cancelled == store.get(job.id, OWNER)
    assert chunk_statuses(database, job.id) == ["pending", "done"]
    assert claim(store).stop


def test_two_clients_may_cancel_at_once(store: SqlJobStore) -> None:
    job = make_job(50)
    add_job(store, job, chunk_items=1)
    first, second = at_once(lambda: store.cancel(job.id, OWNER), lambda: store.cancel(job.id, OWNER))
    assert first == second
    assert check_counts(store, job.id).failed == 50


def test_a_cancel_and_the_last_result_do_not_spoil_each_other(store: SqlJobStore) -> None:
    for _ in range(5):
        job = make_job(1)
        add_job(store, job, chunk_items=1)
        held = claim(store)
        at_once(partial(cancel, store, job.id), partial(_record_last, store, held))
        assert store.get(job.id, OWNER).status in (JobStatus.SUCCEEDED, JobStatus.CANCELLED)
        assert check_counts(store, job.id).succeeded == 1
