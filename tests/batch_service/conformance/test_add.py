from dataclasses import replace

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.domain.errors import JobNotFoundError
from batch_service.domain.item import Item
from batch_service.domain.job import JobStatus
from servicekit.database import Database
from tests.batch_service.conformance.results import claim
from tests.batch_service.conformance.rows import check_counts, chunk_statuses, statuses
from tests.batch_service.making import OWNER, add_job, make_item, make_job, make_refused

UNKNOWN = "0199aab3-7c1e-7e57-8b7c-1e57a1d40d9a"


def test_a_job_is_stored_with_its_items(store: SqlJobStore) -> None:
    job = make_job(7, traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    add_job(store, job, chunk_items=3)
    stored = store.get(job.id, OWNER)
    assert (stored.id, stored.entity, stored.status, stored.traceparent) == (job.id, "things", "queued", job.traceparent)
    assert (stored.started_at, stored.finished_at, stored.retry_of) == (None, None, None)
    assert 1_700_000_000_000 < stored.created_at < 10_000_000_000_000
    assert check_counts(store, job.id).pending == 7
    assert chunk_statuses(store.database, job.id) == ["pending"] * 3


def test_items_come_back_as_they_went_in(store: SqlJobStore) -> None:
    items = [
        Item(0, "é😀' OR 1=1", "PUT", "http://a/b?c=%00", {"if-match": "Zo\xeb", "x-none": ""}, '{"n":"\\u0000 é"}'.encode()),
        Item(1, None, "GET", "http://a/b"),
        Item(2, "x" * 255, "POST", "http://a/" + "b" * 10_000, {}, b"[" + b"1," * 500_000 + b"1]"),
    ]
    job = make_job(items=0, entity="others")
    add_job(store, replace(job, entity="others", items=items), chunk_items=10)
    claimed = claim(store)
    assert (claimed.job_id, claimed.number, claimed.entity) == (job.id, 0, "others")
    assert list(claimed.items) == items


def test_refused_items_have_their_results_from_the_start(store: SqlJobStore) -> None:
    job = make_job()
    add_job(store, replace(job, entity="things", items=[make_item(0), make_refused(1), make_item(2)]), chunk_items=2)
    assert statuses(store.database, job.id) == ["pending", "failed", "pending"]
    assert check_counts(store, job.id).failed == 1
    assert [[item.index for item in claim(store).items] for _ in range(2)] == [[0], [2]]


def test_a_job_of_refused_items_alone_is_over(store: SqlJobStore) -> None:
    job = make_job()
    add_job(store, replace(job, entity="things", items=[make_refused(n) for n in range(3)]), chunk_items=2)
    stored = store.get(job.id, OWNER)
    assert stored.status is JobStatus.FAILED
    assert stored.finished_at is not None
    assert store.claim("a", lease_s=30) is None
    check_counts(store, job.id)


def test_a_job_is_stored_whole_or_not_at_all(store: SqlJobStore, database: Database) -> None:
    job = make_job(2_500)
    twice = [*job.items, make_item(2_499)]
    with pytest.raises(Exception, match=r"(?i)unique"):
        add_job(store, replace(job, entity="things", items=twice), chunk_items=500)
    with pytest.raises(JobNotFoundError):
        store.get(job.id, OWNER)
    assert statuses(database, job.id) == []
    assert store.claim("a", lease_s=30) is None


@pytest.mark.parametrize(
    "job_id", ["", "x", "0", "\0", "' OR 1=1 --", "é", "a" * 10_000, UNKNOWN.upper(), f"{{{UNKNOWN}}}", UNKNOWN]
)
def test_what_is_no_job_is_not_found(store: SqlJobStore, job_id: str) -> None:
    add_job(store, make_job(), chunk_items=1)
    with pytest.raises(JobNotFoundError):
        store.get(job_id, OWNER)
    with pytest.raises(JobNotFoundError):
        store.cancel(job_id, OWNER)
