from dataclasses import replace

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.domain.errors import JobNotFoundError
from batch_service.domain.ports import ResultRow
from servicekit.ids import new_id
from tests.batch_service.conformance.results import bad, claim, good, record
from tests.batch_service.making import OWNER, add_job, make_item, make_job


@pytest.fixture
def job_id(store: SqlJobStore) -> str:
    """Ten items, every third of them failed, the last of them pending."""
    for _ in range(2):
        job = make_job()
        items = [make_item(n, id=f"item-{n}" if n % 2 else None) for n in range(10)]
        add_job(store, replace(job, entity="things", items=items), chunk_items=10)
        record(store, claim(store), [bad(n) if n % 3 == 0 else good(n) for n in reversed(range(9))])
    return job.id


def test_results_stand_in_the_order_of_the_items(store: SqlJobStore, job_id: str) -> None:
    rows = store.results(job_id, OWNER, limit=100, after=None, status=None)
    assert [row.index for row in rows] == list(range(10))
    assert rows[1] == ResultRow(1, "item-1", 201, b'{"id":1}', {"Location": "/1"}, 1)
    assert rows[6] == ResultRow(6, None, 400, b'{"error":"x"}', {}, 2, "Missing password")
    assert rows[9] == ResultRow(9, "item-9", None, None, {}, 0)


def test_pages_follow_one_another(store: SqlJobStore, job_id: str) -> None:
    after, found = None, []
    while page := store.results(job_id, OWNER, limit=4, after=after, status=None):
        assert len(page) <= 4
        found += [row.index for row in page]
        after = page[-1].index
    assert found == list(range(10))


@pytest.mark.parametrize(("status", "indexes"), [("failed", [0, 3, 6]), ("succeeded", [1, 2, 4, 5, 7, 8]), ("pending", [9])])
def test_a_status_can_be_asked_for(store: SqlJobStore, job_id: str, status: str, indexes: list[int]) -> None:
    assert [row.index for row in store.results(job_id, OWNER, limit=100, after=None, status=status)] == indexes
    after = indexes[0]
    assert [row.index for row in store.results(job_id, OWNER, limit=1, after=after, status=status)] == indexes[1:2]


def test_rows_end_with_the_one_that_is_too_large(store: SqlJobStore, job_id: str) -> None:
    sizes = [len(row.response_body or b"") for row in store.results(job_id, OWNER, limit=100, after=None, status=None)]
    rows = store.results(job_id, OWNER, limit=100, after=None, status=None, max_bytes=sum(sizes[:3]))
    assert [row.index for row in rows] == [0, 1, 2, 3]
    assert [row.index for row in store.results(job_id, OWNER, limit=100, after=3, status=None, max_bytes=0)] == [4]
    assert len(store.results(job_id, OWNER, limit=100, after=None, status=None, max_bytes=sum(sizes))) == 10


def test_what_is_final_can_be_asked_for_by_position(store: SqlJobStore, job_id: str) -> None:
    assert [row.index for row in store.finished(job_id, OWNER, [9, 8, 0, 3])] == [0, 3, 8]
    assert store.finished(job_id, OWNER, [8])[0] == store.results(job_id, OWNER, limit=1, after=7, status=None)[0]
    assert store.finished(job_id, OWNER, [9]) == store.finished(job_id, OWNER, []) == []
    with pytest.raises(JobNotFoundError):
        store.finished(new_id(), OWNER, [0])


def test_a_job_that_is_not_there_has_no_results(store: SqlJobStore) -> None:
    with pytest.raises(JobNotFoundError):
        store.results(new_id(), OWNER, limit=10, after=None, status=None)
