from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import items
from batch_service.domain.item import ItemResult
from batch_service.domain.job import JobStatus
from servicekit.database import Database
from tests.batch_service.conformance.results import bad, claim, good, record
from tests.batch_service.conformance.rows import check_counts, column
from tests.batch_service.making import OWNER, add_job, make_job


def test_counts_equal_the_rows_at_every_step(store: SqlJobStore) -> None:
    job = make_job(6)
    add_job(store, job, chunk_items=6)
    held = claim(store)
    for results in ([good(0)], [], [bad(1), good(5)], [good(2), bad(3)]):
        record(store, held, results)
        check_counts(store, job.id)
    assert record(store, held, [good(4)], last=True).counts == check_counts(store, job.id)


def test_the_last_result_ends_the_job_in_the_same_transaction(store: SqlJobStore) -> None:
    job = make_job(2)
    add_job(store, job, chunk_items=1)
    first, second = claim(store), claim(store)
    assert record(store, second, [good(1)], last=True).status is JobStatus.RUNNING
    ended = record(store, first, [bad(0)], last=True)
    assert ended.status is JobStatus.PARTIAL
    assert ended.finished_at is not None
    assert ended.started_at is not None
    assert ended.created_at <= ended.started_at <= ended.finished_at
    assert store.get(job.id, OWNER) == ended


def test_a_final_result_never_changes(store: SqlJobStore) -> None:
    job = make_job(2)
    add_job(store, job, chunk_items=2)
    held = claim(store)
    record(store, held, [good(0)])
    store.record(held, [bad(1)], lease_s=1, last=True)
    (first, second) = store.results(job.id, OWNER, limit=10, after=None, status=None)
    assert (first.response_code, first.response_body, first.attempts) == (201, b'{"id":0}', 1)
    assert (second.response_code, second.response_headers, second.attempts) == (400, {}, 2)


def test_what_was_sent_is_gone_after_its_items_success_and_kept_sealed_after_its_failure(
    store: SqlJobStore, database: Database
) -> None:
    job = make_job(3)
    add_job(store, job, chunk_items=3)
    record(store, claim(store), [good(0), bad(1)])
    for wanted in (items.c.request, items.c.headers):
        assert [kept is not None for kept in column(database, wanted, job.id)] == [False, True, True]
    assert [(set(column(database, items.c.target, job.id)), column(database, items.c.body, job.id))] == [({""}, [None] * 3)]


def test_results_may_hold_anything(store: SqlJobStore) -> None:
    job = make_job(2)
    add_job(store, job, chunk_items=2)
    whole = bytes(range(256)) * 4_000
    record(
        store, claim(store), [ItemResult(0, 999, whole, {"ETag": "Zo\xeb"}, 7, error="é" * 200), ItemResult(1, 204)], last=True
    )
    (first, second) = store.results(job.id, OWNER, limit=10, after=None, status=None)
    assert (first.response_body, first.response_headers, first.attempts) == (whole, {"ETag": "Zo\xeb"}, 7)
    assert (second.response_code, second.response_body, second.response_headers, second.attempts) == (204, None, {}, 0)
