"""How a streamed batch is stored: a few items at a time, whole or not at all."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.pipe_wake_up import PipeWakeUp
from batch_service.adapters.uploads import SqlUploads
from batch_service.application import submit_stream
from batch_service.application.submit_batch import Limits, Terms
from batch_service.application.submit_stream import SubmitStream
from batch_service.domain.batch import Draft
from batch_service.domain.credential import Credential
from batch_service.domain.errors import DuplicateIdError, EmptyBatchError, QueueFullError, TooManyItemsError
from servicekit.ids import new_id
from tests.batch_service.making import OWNER, make_entity

ENTITY = make_entity()


@dataclass
class Watched(SqlUploads):
    """The real thing, and how many items came at a time."""

    sizes: list[int] = field(default_factory=list)

    def __init__(self, store: SqlJobStore) -> None:
        super().__init__(store.database, store.vault)
        self.sizes = []

    def append(self, job_id: str, items: Sequence[Any], *, lease_s: float, max_pending_items: int) -> None:
        super().append(job_id, items, lease_s=lease_s, max_pending_items=max_pending_items)
        self.sizes.append(len(items))


@pytest.fixture
def uploads(sqlite_store: SqlJobStore) -> Watched:
    return Watched(sqlite_store)


@pytest.fixture
def submit(sqlite_store: SqlJobStore, uploads: Watched, tmp_path: Path) -> SubmitStream:
    limits = Limits(max_items=3_000, chunk_items=1_000, max_pending_items=4_000)
    return SubmitStream(uploads, sqlite_store, PipeWakeUp(tmp_path / "pipe"), limits, new_id)


def check_nothing_is_left(store: SqlJobStore, uploads: Watched) -> None:
    assert store.page(OWNER, limit=10, before=None, status=None, entity=None) == []
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET uploading_until = 1")
    assert uploads.lost(limit=10) == []


def test_items_are_stored_a_few_at_a_time(submit: SubmitStream, uploads: Watched) -> None:
    job = submit(ENTITY, (Draft() for _ in range(2_345)), Terms(OWNER, traceparent="t"))
    assert uploads.sizes == [1_000, 1_000, 345]
    assert (job.counts.total, job.counts.pending, job.traceparent, job.patient) == (2_345, 2_345, "t", True)


def test_one_who_is_slow_goes_on(submit: SubmitStream, uploads: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submit_stream, "_STORE_EVERY_S", 0.05)

    def drafts() -> Iterator[Draft]:
        for _ in range(3):
            yield Draft()
            time.sleep(0.06)

    assert submit(ENTITY, drafts(), Terms(OWNER)).counts.total == 3
    assert len(uploads.sizes) >= 2


def broken() -> Iterator[Draft]:
    yield from [Draft()] * 1_500
    raise OSError("the connection broke")


@pytest.mark.parametrize(
    ("drafts", "error"),
    [
        (broken(), OSError),
        (iter([]), EmptyBatchError),
        (iter([Draft()] * 3_001), TooManyItemsError),
        (iter([Draft(id="a"), *[Draft()] * 1_500, Draft(id="a")]), DuplicateIdError),
    ],
)
def test_what_goes_wrong_leaves_nothing(
    submit: SubmitStream, sqlite_store: SqlJobStore, uploads: Watched, drafts: Iterator[Draft], error: type[Exception]
) -> None:
    with pytest.raises(error):
        submit(ENTITY, drafts, Terms(OWNER))
    check_nothing_is_left(sqlite_store, uploads)


def test_a_full_queue_takes_none_of_them(submit: SubmitStream, sqlite_store: SqlJobStore, uploads: Watched) -> None:
    submit(ENTITY, [Draft()] * 2_500, Terms(OWNER))
    with pytest.raises(QueueFullError):
        submit(ENTITY, [Draft()] * 2_500, Terms(OWNER))
    assert len(sqlite_store.page(OWNER, limit=10, before=None, status=None, entity=None)) == 1
    assert uploads.lost(limit=10) == []
    submit(ENTITY, [Draft()] * 1_500, Terms(OWNER))


@pytest.mark.parametrize("forwards", [True, False])
def test_a_credential_is_kept_only_where_a_target_is_to_have_it(
    submit: SubmitStream, sqlite_store: SqlJobStore, *, forwards: bool
) -> None:
    credential = Credential("token", None)
    submit(make_entity(forward_authorization=forwards), iter([Draft()]), Terms(OWNER, credential=credential))
    claim = sqlite_store.claim("a", lease_s=30)
    assert claim is not None
    assert claim.credential == (credential if forwards else None)
