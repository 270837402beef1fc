"""The sender's own key: the same batch is one job, however often and however concurrently it comes."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.domain.errors import KeyReusedError, QueueFullError
from batch_service.domain.ports import BatchKey
from tests.batch_service.conformance.results import claim, good, record
from tests.batch_service.making import OWNER, add_job, make_job

KEY = BatchKey("import-1", b"[1,2]")


def test_the_same_batch_under_the_same_key_is_the_same_job(store: SqlJobStore) -> None:
    first = add_job(store, make_job(2, key=KEY), chunk_items=1)
    assert add_job(store, make_job(2, key=KEY), chunk_items=1) == first
    assert len(store.page(OWNER, limit=10, before=None, status=None, entity=None)) == 1


def test_another_batch_under_the_same_key_is_refused(store: SqlJobStore) -> None:
    add_job(store, make_job(key=KEY), chunk_items=1)
    with pytest.raises(KeyReusedError):
        add_job(store, make_job(key=BatchKey("import-1", b"[1,3]")), chunk_items=1)


def test_twins_that_come_at_once_are_one_job(store: SqlJobStore) -> None:
    batches = [make_job(20, key=KEY) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        ids = set(pool.map(lambda job: add_job(store, job, chunk_items=10), batches))
    assert len(ids) == 1
    assert [job.id for job in store.page(OWNER, limit=100, before=None, status=None, entity=None)] == list(ids)


def test_a_full_queue_takes_nothing_in(store: SqlJobStore) -> None:
    store.add(make_job(6), max_pending_items=10)
    with pytest.raises(QueueFullError):
        store.add(make_job(5), max_pending_items=10)
    assert len(store.page(OWNER, limit=10, before=None, status=None, entity=None)) == 1
    record(store, claim(store), [good(n) for n in range(6)], last=True)
    store.add(make_job(10), max_pending_items=10)
