import time
from dataclasses import replace
from pathlib import Path

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.pipe_wake_up import PipeWakeUp
from batch_service.adapters.registry import FileRegistry
from batch_service.application.submit_batch import Limits, SubmitBatch, Terms
from batch_service.domain.batch import Draft
from batch_service.domain.credential import Credential
from batch_service.domain.errors import DuplicateIdError, UnknownEntityError
from servicekit.ids import new_id
from tests.batch_service.making import OWNER, make_entity
from tests.batch_service.unit.bench import Bench

ENTITY = make_entity()


@pytest.fixture
def submit(sqlite_store: SqlJobStore, tmp_path: Path) -> SubmitBatch:
    limits = Limits(max_items=10, max_sync_items=5, max_wait_s=0.2, chunk_items=3)
    return SubmitBatch(FileRegistry({"things": ENTITY}), sqlite_store, PipeWakeUp(tmp_path / "pipe"), limits, new_id)


def took_s(since: float) -> float:
    return time.monotonic() - since


def test_a_batch_is_stored_before_anyone_waits(submit: SubmitBatch, sqlite_store: SqlJobStore) -> None:
    job = submit(ENTITY, [Draft(id="a"), Draft(method="BREW")], Terms(OWNER, wait_s=0.0, traceparent="t"))
    stored = sqlite_store.get(job.id, OWNER)
    assert stored == job
    assert (stored.entity, stored.status, stored.traceparent) == ("things", "queued", "t")
    assert (stored.counts.total, stored.counts.failed) == (2, 1)


def test_a_batch_is_cut_into_chunks(submit: SubmitBatch, sqlite_store: SqlJobStore) -> None:
    submit(ENTITY, [Draft()] * 7, Terms(OWNER, wait_s=0.0))
    sizes = []
    while (claim := sqlite_store.claim("a", lease_s=30)) is not None:
        sizes.append(len(claim.items))
    assert sizes == [3, 3, 1]


@pytest.mark.parametrize("wait_s", [None, 0.05, 99.0])
def test_nobody_waits_longer_than_asked_or_than_the_service_allows(submit: SubmitBatch, wait_s: float | None) -> None:
    before = time.monotonic()
    assert not submit(ENTITY, [Draft()], Terms(OWNER, wait_s=wait_s)).status.is_final
    assert min(wait_s or 0.2, 0.2) <= took_s(before) < 2.0


def test_a_batch_too_large_for_a_synchronous_answer_is_not_waited_for(submit: SubmitBatch) -> None:
    patient = replace(submit, limits=replace(submit.limits, max_wait_s=60.0))
    before = time.monotonic()
    assert not patient(ENTITY, [Draft()] * 6, Terms(OWNER, wait_s=None)).status.is_final
    assert took_s(before) < 10.0


def test_whoever_waits_has_the_end_as_soon_as_it_is_there(submit: SubmitBatch, bench: Bench) -> None:
    patient = replace(submit, limits=replace(submit.limits, max_wait_s=60.0))
    waiting = bench._pool.submit(patient, ENTITY, [Draft()], Terms(OWNER))
    while (claim := bench.store.claim("a", lease_s=30)) is None:
        assert not waiting.done()
    bench.run(claim)
    assert waiting.result(10).status == "succeeded"


def test_what_refuses_the_whole_batch_stores_nothing(submit: SubmitBatch, sqlite_store: SqlJobStore) -> None:
    with pytest.raises(DuplicateIdError):
        submit(ENTITY, [Draft(id="a"), Draft(id="a")], Terms(OWNER, wait_s=None))
    with pytest.raises(UnknownEntityError):
        submit.find_entity("others")
    assert sqlite_store.page(OWNER, limit=9, before=None, status=None, entity=None) == []


@pytest.mark.parametrize("forwards", [True, False])
def test_a_credential_is_kept_only_where_a_target_is_to_have_it(
    submit: SubmitBatch, sqlite_store: SqlJobStore, *, forwards: bool
) -> None:
    credential = Credential("token", None)
    submit(replace(ENTITY, forward_authorization=forwards), [Draft()], Terms(OWNER, wait_s=0.0, credential=credential))
    claim = sqlite_store.claim("a", lease_s=30)
    assert claim is not None
    assert claim.credential == (credential if forwards else None)
