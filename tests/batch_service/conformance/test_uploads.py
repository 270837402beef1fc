"""Jobs whose items come in bit by bit: nobody sees one before it is complete, and nothing is left of one that never is."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import items, jobs
from batch_service.adapters.uploads import SqlUploads
from batch_service.domain.batch import Refused
from batch_service.domain.errors import JobNotFoundError, KeyReusedError, QueueFullError, UploadLostError
from batch_service.domain.item import Item
from batch_service.domain.ports import BatchKey, NewJob
from servicekit.database import Database
from tests.batch_service.conformance.results import LEASE_S, claim, good, positions, record
from tests.batch_service.conformance.rows import check_counts
from tests.batch_service.making import OWNER, make_item, make_job, make_refused

KEY = BatchKey("import-1", b"a hash")


@pytest.fixture
def uploads(store: SqlJobStore) -> SqlUploads:
    return SqlUploads(store.database, store.vault)


@pytest.fixture
def job(uploads: SqlUploads) -> NewJob:
    """An upload that has begun."""
    return begin(uploads, make_job(0, chunk_items=4))


def begin(uploads: SqlUploads, job: NewJob) -> NewJob:
    uploads.begin(job, lease_s=LEASE_S)
    return job


def append(uploads: SqlUploads, job: NewJob, first: int, count: int, *, room: int = 1_000) -> None:
    some: list[Item | Refused] = [make_item(index) for index in range(first, first + count)]
    uploads.append(job.id, some, lease_s=LEASE_S, max_pending_items=room)


def lapse(database: Database) -> None:
    """What time does by itself."""
    with database.writing() as connection:
        connection.execute(jobs.update().values(uploading_until=1))


def rows_left(database: Database) -> int:
    with database.reading() as connection:
        return sum(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (jobs, items))


def check_unseen(store: SqlJobStore, job_id: str) -> None:
    with pytest.raises(JobNotFoundError):
        store.get(job_id, OWNER)
    with pytest.raises(JobNotFoundError):
        store.cancel(job_id, OWNER)
    with pytest.raises(JobNotFoundError):
        store.delete(job_id, OWNER)
    assert store.page(OWNER, limit=10, before=None, status=None, entity=None) == []
    assert store.claim("a", lease_s=LEASE_S) is None
    assert store.expire_due() == 0
    assert store.purge(retention_s=0, limit=10) == 0
    assert store.free_chunks(at_most=10) == 0


def test_nobody_sees_a_job_before_it_is_complete(store: SqlJobStore, uploads: SqlUploads) -> None:
    job = begin(uploads, make_job(0, chunk_items=4, expires_after_s=-1.0))
    check_unseen(store, job.id)
    append(uploads, job, 0, 6)
    check_unseen(store, job.id)


def test_a_complete_one_is_a_job_like_any_other(store: SqlJobStore, uploads: SqlUploads, job: NewJob) -> None:
    append(uploads, job, 0, 6)
    append(uploads, job, 6, 3)
    assert uploads.complete(job) == job.id
    assert check_counts(store, job.id).total == 9
    sizes = []
    for _ in range(3):
        claimed = claim(store)
        sizes.append(positions(claimed))
        ended = record(store, claimed, [good(index) for index in positions(claimed)], last=True)
    assert sizes == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]
    assert ended.status == "succeeded"


def test_its_time_begins_when_it_is_complete(store: SqlJobStore, uploads: SqlUploads) -> None:
    job = begin(uploads, make_job(0, expires_after_s=3600.0))
    with store.database.writing() as connection:
        connection.execute(jobs.update().values(created_at=1, expires_at=2))
    append(uploads, job, 0, 1)
    uploads.complete(job)
    assert store.expire_due() == 0
    stored = store.get(job.id, OWNER)
    assert stored.expires_at is not None
    assert stored.expires_at - stored.created_at == pytest.approx(3_600_000, abs=1000)


def test_what_is_refused_counts_from_the_start(store: SqlJobStore, uploads: SqlUploads, job: NewJob) -> None:
    uploads.append(job.id, [make_refused(0), make_item(1), make_refused(2)], lease_s=LEASE_S, max_pending_items=10)
    uploads.complete(job)
    counts = check_counts(store, job.id)
    assert (counts.total, counts.pending, counts.failed) == (3, 1, 2)


def test_one_of_refused_items_alone_has_ended(store: SqlJobStore, uploads: SqlUploads, job: NewJob) -> None:
    uploads.append(job.id, [make_refused(0)], lease_s=LEASE_S, max_pending_items=10)
    uploads.complete(job)
    assert store.get(job.id, OWNER).status == "failed"
    assert store.claim("a", lease_s=LEASE_S) is None


def test_one_with_too_many_errors_stops_at_once(store: SqlJobStore, uploads: SqlUploads) -> None:
    job = begin(uploads, make_job(0, chunk_items=2, max_errors=1))
    uploads.append(job.id, [make_refused(0), make_item(1), make_item(2)], lease_s=LEASE_S, max_pending_items=10)
    uploads.complete(job)
    assert store.get(job.id, OWNER).status == "failed"
    assert check_counts(store, job.id).failed == 3


def test_items_that_came_wait_for_all_to_see(store: SqlJobStore, uploads: SqlUploads, job: NewJob) -> None:
    append(uploads, job, 0, 6, room=10)
    with pytest.raises(QueueFullError):
        append(uploads, job, 6, 5, room=10)
    with pytest.raises(QueueFullError):
        store.add(make_job(5), max_pending_items=10)
    append(uploads, job, 6, 4, room=10)
    uploads.complete(job)
    assert check_counts(store, job.id).total == 10


@pytest.mark.parametrize("given_up", [False, True])
def test_one_whose_lease_ran_out_takes_nothing_more(uploads: SqlUploads, job: NewJob, *, given_up: bool) -> None:
    append(uploads, job, 0, 3)
    lapse(uploads.database)
    if given_up:
        uploads.discard(job.id)
    with pytest.raises(UploadLostError):
        append(uploads, job, 3, 3)
    with pytest.raises(UploadLostError):
        uploads.complete(job)


def test_one_whose_lease_ran_out_is_found_and_discarded(uploads: SqlUploads, job: NewJob) -> None:
    other = begin(uploads, make_job(0))
    append(uploads, job, 0, 3)
    assert uploads.lost(limit=10) == []
    lapse(uploads.database)
    append_fails = uploads.lost(limit=10)
    assert sorted(append_fails) == sorted([job.id, other.id])
    assert len(uploads.lost(limit=1)) == 1
    for job_id in append_fails:
        uploads.discard(job_id)
    assert uploads.lost(limit=10) == []
    assert rows_left(uploads.database) == 0


def test_a_discarded_one_leaves_nothing(uploads: SqlUploads, job: NewJob) -> None:
    append(uploads, job, 0, 6)
    uploads.discard(job.id)
    uploads.discard(job.id)
    assert rows_left(uploads.database) == 0


def test_a_complete_one_cannot_be_discarded(store: SqlJobStore, uploads: SqlUploads, job: NewJob) -> None:
    append(uploads, job, 0, 6)
    uploads.complete(job)
    uploads.discard(job.id)
    assert check_counts(store, job.id).pending == 6


def test_an_id_that_two_items_have_is_found(uploads: SqlUploads, job: NewJob) -> None:
    ids = ["a", None, "b", None, "c", "b", "a"]
    some = [make_item(index, id=item_id) for index, item_id in enumerate(ids[:4])]
    uploads.append(job.id, some, lease_s=LEASE_S, max_pending_items=100)
    assert uploads.find_duplicate(job.id) is None
    more: list[Item | Refused] = [replace(make_refused(4), id="c"), make_item(5, id="b"), make_item(6, id="a")]
    uploads.append(job.id, more, lease_s=LEASE_S, max_pending_items=100)
    assert uploads.find_duplicate(job.id) == ("a", 0, 6)


def test_the_same_batch_under_the_same_key_is_the_same_job(store: SqlJobStore, uploads: SqlUploads) -> None:
    first, second = (begin(uploads, make_job(0, key=KEY)) for _ in range(2))
    for job in (first, second):
        append(uploads, job, 0, 2)
    assert uploads.complete(first) == first.id
    assert uploads.complete(second) == first.id
    uploads.discard(second.id)
    assert [job.id for job in store.page(OWNER, limit=10, before=None, status=None, entity=None)] == [first.id]
    with pytest.raises(KeyReusedError):
        uploads.complete(replace(second, key=BatchKey("import-1", b"another hash")))


def test_twins_that_come_at_once_are_one_job(store: SqlJobStore, uploads: SqlUploads) -> None:
    twins = [begin(uploads, make_job(0, key=KEY)) for _ in range(10)]

    def upload(job: NewJob) -> str:
        append(uploads, job, 0, 5)
        job_id = uploads.complete(job)
        if job_id != job.id:
            uploads.discard(job.id)
        return job_id

    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(upload, twins))
    assert [job.id for job in store.page(OWNER, limit=100, before=None, status=None, entity=None)] == list(ids)
    assert check_counts(store, ids.pop()).total == 5
    assert rows_left(uploads.database) == 6
