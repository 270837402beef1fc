"""Retries: what is tried again, under which key, and both jobs seen as one."""

from dataclasses import replace

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.domain.errors import JobNotFoundError, JobRunningError, KeyReusedError, NothingToRetryError, QueueFullError
from batch_service.domain.item import ItemResult
from batch_service.domain.outcome import refused
from batch_service.domain.ports import BatchKey, Retry
from batch_service.domain.refusal import CANCELLED, EXPIRED, OUTCOME_UNKNOWN, TARGET_TIMED_OUT
from servicekit.ids import new_id
from tests.batch_service.conformance.results import claim, good, record
from tests.batch_service.conformance.rows import check_counts
from tests.batch_service.making import OWNER, add_job, make_item, make_job, make_refused


def retry(store: SqlJobStore, job_id: str, *, include_unknown: bool = False) -> str:
    new = Retry(new_id(), job_id, OWNER, chunk_items=2, expires_after_s=60.0, include_unknown=include_unknown)
    store.add_retry(new, max_pending_items=1_000_000)
    return new.id


def keys(store: SqlJobStore) -> list[str | None]:
    return [item.key for item in [*claim(store).items, *claim(store).items]]


@pytest.fixture
def job_id(store: SqlJobStore) -> str:
    """A success, a refusal by the target, an item cancelled, one unknown, one refused at the door, one more refusal."""
    job = make_job()
    items = [make_item(n, id=f"i{n}", body=b"[%d]" % n) for n in range(6)]
    add_job(store, replace(job, items=[*items[:4], make_refused(4), items[5]]), chunk_items=10)
    answered = [ItemResult(n, 400, b"{}", answered=True, error="no") for n in (1, 5)]
    results = [good(0), *answered, refused(2, CANCELLED), refused(3, OUTCOME_UNKNOWN, attempts=1)]
    record(store, claim(store), results, last=True)
    return job.id


def test_what_did_not_succeed_is_tried_again(store: SqlJobStore, job_id: str) -> None:
    again = store.get(retry(store, job_id), OWNER)
    assert (again.retry_of, again.status, again.counts.total, again.entity) == (job_id, "queued", 3, "things")
    assert [(item.index, item.id, item.body) for item in claim(store).items] == [(0, "i1", b"[1]"), (1, "i2", b"[2]")]
    assert [(item.index, item.id, item.body) for item in claim(store).items] == [(2, "i5", b"[5]")]
    check_counts(store, again.id)


def test_the_same_call_under_the_same_key_is_one_retry(store: SqlJobStore, job_id: str) -> None:
    def again(key: str, payload: bytes = b"retry") -> str:
        new = Retry(new_id(), job_id, OWNER, 2, 60.0, include_unknown=False, key=BatchKey(key, payload))
        return store.add_retry(new, max_pending_items=1_000_000)

    first = again("retry-key")
    assert again("retry-key") == first
    assert again("another-key") != first
    with pytest.raises(KeyReusedError):
        again("retry-key", b"retry another job")
    assert len(store.page(OWNER, limit=10, before=None, status=None, entity=None)) == 3


def test_a_retry_waits_like_any_other_job_where_the_queue_is_full(store: SqlJobStore, job_id: str) -> None:
    new = Retry(new_id(), job_id, OWNER, chunk_items=2, expires_after_s=60.0, include_unknown=False)
    with pytest.raises(QueueFullError):
        store.add_retry(new, max_pending_items=2)
    assert store.add_retry(new, max_pending_items=3) == new.id


def test_what_never_had_an_answer_keeps_its_key(store: SqlJobStore, job_id: str) -> None:
    retry(store, job_id)
    assert keys(store) == [None, f"{job_id}:2", None]


def test_a_key_is_kept_through_many_retries(store: SqlJobStore, job_id: str) -> None:
    first = retry(store, job_id)
    store.cancel(first, OWNER)
    retry(store, first)
    assert keys(store) == [f"{first}:0", f"{job_id}:2", f"{first}:2"]


def test_what_may_have_been_applied_is_tried_again_only_on_demand(store: SqlJobStore, job_id: str) -> None:
    again = store.get(retry(store, job_id, include_unknown=True), OWNER)
    assert again.counts.total == 4
    assert keys(store)[2] == f"{job_id}:3"


def test_what_may_have_been_applied_stays_in_doubt_where_it_may_be_sent_again(store: SqlJobStore) -> None:
    job = make_job(5)
    add_job(store, job, chunk_items=5)
    results = [
        refused(0, OUTCOME_UNKNOWN, attempts=1),
        refused(1, TARGET_TIMED_OUT, attempts=3),
        refused(2, EXPIRED),
        ItemResult(3, 504, b"{}", attempts=1, answered=True, error="late"),
        refused(4, CANCELLED),
    ]
    record(store, claim(store), results, last=True)
    for keeps_doubt, unclear in ((True, [True, True, False, False, False]), (False, [False] * 5)):
        new = Retry(new_id(), job.id, OWNER, 5, 60.0, include_unknown=True, keeps_doubt=keeps_doubt)
        store.add_retry(new, max_pending_items=100)
        assert [item.unclear for item in claim(store).items] == unclear


def test_both_jobs_are_seen_as_one(store: SqlJobStore, job_id: str) -> None:
    again = retry(store, job_id)
    record(store, claim(store), [good(0), refused(1, CANCELLED)], last=True)

    def merged(*, limit: int = 10, after: int | None = None, status: str | None = None) -> list[tuple[int, int | None]]:
        rows = store.results(again, OWNER, limit=limit, after=after, status=status, merged=True)
        return [(row.index, row.response_code) for row in rows]

    whole = [(0, 201), (1, 201), (2, 499), (3, 409), (4, 400), (5, None)]
    assert merged() == whole
    assert merged(limit=2, after=1) == whole[2:4]
    assert merged(status="succeeded") == whole[:2]
    assert merged(status="pending") == whole[5:]


def test_a_job_that_runs_is_not_tried_again(store: SqlJobStore) -> None:
    job = make_job()
    add_job(store, job, chunk_items=1)
    with pytest.raises(JobRunningError):
        retry(store, job.id)
    with pytest.raises(JobNotFoundError):
        retry(store, new_id())


def test_a_job_that_succeeded_has_nothing_to_try_again(store: SqlJobStore) -> None:
    job = make_job()
    add_job(store, job, chunk_items=1)
    record(store, claim(store), [good(0)], last=True)
    with pytest.raises(NothingToRetryError):
        retry(store, job.id)
    assert len(store.page(OWNER, limit=10, before=None, status=None, entity=None)) == 1
