"""How long what was sent, its key and the sender's credential live."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from batch_service.adapters.house_store import HouseStore
from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import items, job_keys, jobs
from batch_service.bootstrap import MIGRATIONS
from batch_service.domain.credential import Credential
from batch_service.domain.errors import NothingToRetryError, RetryWindowOverError
from batch_service.domain.ports import Retry
from servicekit.database import Database, now_ms
from servicekit.ids import new_id
from tests.batch_service.conformance.results import bad, claim, good, record
from tests.batch_service.conformance.rows import column
from tests.batch_service.making import OWNER, add_job, make_item, make_job, make_refused, make_vault

HOUR_S = 3600.0


def retry(store: SqlJobStore, job_id: str, *, credential: Credential | None = None) -> str:
    new = Retry(new_id(), job_id, OWNER, 10, 60.0, include_unknown=False, credential=credential)
    return store.add_retry(new, max_pending_items=1_000_000)


def end(store: SqlJobStore, *, failed: int, succeeded: int = 0) -> str:
    job = make_job(failed + succeeded, credential=Credential("token", None))
    add_job(store, job, chunk_items=failed + succeeded)
    results = [*(bad(n) for n in range(failed)), *(good(failed + n) for n in range(succeeded))]
    record(store, claim(store), results, last=True)
    return job.id


def keys_of(store: SqlJobStore, job_id: str) -> tuple[bool, bool, bool]:
    """Whether the key of requests, that of results and the credential are there."""
    with store.database.reading() as connection:
        row = connection.execute(job_keys.select().where(job_keys.c.job_id == job_id)).one()
    return row.request_key is not None, row.result_key is not None, row.credential is not None


def requests_of(store: SqlJobStore, job_id: str) -> list[bool]:
    return [request is not None for request in column(store.database, items.c.request, job_id)]


def erase(store: SqlJobStore, *, retry_window_s: float = -1.0, limit: int = 100) -> int:
    return store.erase_requests(retry_window_s=retry_window_s, limit=limit)


def test_the_key_of_requests_dies_with_the_last_of_them(store: SqlJobStore) -> None:
    job = make_job(2)
    add_job(store, job, chunk_items=1)
    first, second = claim(store), claim(store)
    record(store, first, [good(0)], last=True)
    assert (requests_of(store, job.id), keys_of(store, job.id)[0]) == ([False, True], True)
    record(store, second, [good(1)], last=True)
    assert (requests_of(store, job.id), keys_of(store, job.id)[:2]) == ([False, False], (False, True))
    with pytest.raises(NothingToRetryError):
        retry(store, job.id)


def test_the_credential_ends_with_its_job(store: SqlJobStore) -> None:
    failed, cancelled, refused = end(store, failed=1), make_job(credential=Credential("token", 7)), make_job()
    add_job(store, cancelled, chunk_items=1)
    assert keys_of(store, cancelled.id)[2]
    store.cancel(cancelled.id, OWNER)
    add_job(store, replace(refused, items=[make_refused(0)], credential=Credential("token", None)), chunk_items=1)
    assert [keys_of(store, job_id) for job_id in (failed, cancelled.id, refused.id)] == [(True, True, False)] * 3


def test_a_credential_knows_how_long_it_is_good_by_the_clock_of_the_database(store: SqlJobStore) -> None:
    with store.database.reading() as connection:
        now = connection.execute(sa.select(now_ms())).scalar_one()
    for left_ms in (60_000, -60_000):
        add_job(store, make_job(credential=Credential("token", now + left_ms)), chunk_items=1)
    left = [claim(store).credential_left_s for _ in range(2)]
    assert left == [pytest.approx(60, abs=5), pytest.approx(-60, abs=5)]


def test_a_retry_has_a_credential_of_its_own(store: SqlJobStore) -> None:
    job_id = end(store, failed=1)
    retry(store, job_id, credential=Credential("fresh", None))
    assert claim(store).credential == Credential("fresh", None)
    retry(store, job_id)
    assert claim(store).credential is None


def test_what_failed_items_were_sent_with_is_erased_when_the_window_is_over(store: SqlJobStore) -> None:
    job_id, young = end(store, failed=2, succeeded=1), make_job()
    add_job(store, young, chunk_items=1)
    assert erase(store, retry_window_s=HOUR_S) == 0
    assert requests_of(store, job_id) == [True, True, False]
    with store.database.writing() as connection:
        connection.execute(jobs.update().where(jobs.c.id == job_id).values(finished_at=now_ms() - int(HOUR_S * 1000) - 1))
    assert [erase(store, retry_window_s=HOUR_S) for _ in range(2)] == [1, 0]
    assert (requests_of(store, job_id), keys_of(store, job_id)) == ([False] * 3, (False, True, False))
    with pytest.raises(RetryWindowOverError):
        retry(store, job_id)
    rows = store.results(job_id, OWNER, limit=10, after=None, status=None)
    assert [row.response_body for row in rows] == [b'{"error":"x"}', b'{"error":"x"}', b'{"id":2}']
    assert claim(store).items[0].body == b'{"n":1}'


def test_only_so_many_jobs_at_a_time_are_erased(store: SqlJobStore) -> None:
    for _ in range(3):
        end(store, failed=1)
    assert [erase(store, limit=2) for _ in range(3)] == [2, 1, 0]


def test_an_erasure_that_was_killed_is_taken_up(store: SqlJobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whichever of its transactions: the job cannot be tried again from the first one on."""
    monkeypatch.setattr("batch_service.adapters.house_store._ROWS_AT_ONCE", 2)
    for survived in range(1, 5):
        job_id = end(store, failed=5)
        with dying_after(store, survived), pytest.raises(KeyboardInterrupt):
            erase(store)
        assert not keys_of(store, job_id)[0]
        with pytest.raises(RetryWindowOverError):
            retry(store, job_id)
        assert erase(store) == 1
        assert requests_of(store, job_id) == [False] * 5


@contextmanager
def dying_after(store: SqlJobStore, transactions: int) -> Iterator[None]:
    """A process that is killed at the beginning of the transaction after so many."""
    database, left = store.database, transactions

    class Dying(Database):
        def writing(self):  # type: ignore[no-untyped-def]
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return database.writing()

        def reading(self):  # type: ignore[no-untyped-def]
            return database.reading()

    store.database = Dying(database.url.render_as_string(hide_password=False))
    yield
    store.database = database


def test_a_retry_outlives_the_job_that_it_retries(store: SqlJobStore) -> None:
    """It has the rows, and the key; both go when it ends."""
    first = end(store, failed=2)
    second = retry(store, first)
    erase(store)
    store.delete(first, OWNER)
    claimed = claim(SqlJobStore(store.database, make_vault()))
    assert [item.body for item in claimed.items] == [b'{"n":1}', b'{"n":1}']
    record(store, claimed, [good(0), bad(1)], last=True)
    third = retry(store, second)
    claimed = claim(SqlJobStore(store.database, make_vault()))
    assert [item.body for item in claimed.items] == [b'{"n":1}']
    record(store, claimed, [good(0)], last=True)
    assert [keys_of(store, job_id)[0] for job_id in (second, third)] == [True, False]
    erase(store)
    assert not keys_of(store, second)[0]


def test_a_retry_of_a_job_whose_key_is_damaged_ends_and_does_not_hang(store: SqlJobStore) -> None:
    job_id = end(store, failed=1)
    with store.database.writing() as connection:
        connection.execute(job_keys.update().values(request_key=b"damaged"))
    retry(SqlJobStore(store.database, make_vault()), job_id)
    assert [item.is_readable for item in claim(SqlJobStore(store.database, make_vault())).items] == [False]


def test_what_is_erased_leaves_the_file_and_its_log(tmp_path: Path) -> None:
    """Byte by byte: neither the sealed request nor its sealed key is anywhere in them."""
    database = Database(f"sqlite:///{tmp_path}/batch.db")
    MIGRATIONS.upgrade(database)
    store = SqlJobStore(database, make_vault())
    add_job(store, replace(make_job(), items=[make_item(0, body=b"x" * 20_000), make_item(1)]), chunk_items=2)
    held = claim(store)
    with database.reading() as connection:
        key = connection.execute(sa.select(job_keys.c.request_key)).scalar_one()
    traces = [blob[1:40] for blob in column(database, items.c.request, held.job_id)] + [key[1:40]]
    assert [found(tmp_path, trace) for trace in traces] == [True] * 3
    record(store, held, [good(0), bad(1)], last=True)
    store.empty_log()
    assert [found(tmp_path, trace) for trace in traces] == [False, True, True]
    erase(store)
    assert [found(tmp_path, trace) for trace in traces] == [False] * 3
    database.dispose()


def test_a_reader_does_not_keep_the_log_from_being_emptied_for_ever(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/batch.db")
    MIGRATIONS.upgrade(database)
    store: HouseStore = SqlJobStore(database, make_vault())
    with database.reading() as connection:
        connection.execute(sa.select(jobs)).all()
        add_job(SqlJobStore(database, make_vault()), make_job(), chunk_items=1)
        store.empty_log()
        assert (tmp_path / "batch.db-wal").stat().st_size > 0
    store.empty_log()
    assert (tmp_path / "batch.db-wal").stat().st_size == 0
    database.dispose()


def found(folder: Path, trace: bytes) -> bool:
    return any(trace in file.read_bytes() for file in folder.glob("batch.db*"))
