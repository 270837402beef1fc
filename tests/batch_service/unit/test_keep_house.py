"""When housekeeping rings: for what has no worker, and not again and again while workers are busy."""

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.uploads import SqlUploads
from batch_service.application.keep_house import KeepHouse
from batch_service.domain.errors import UploadLostError
from tests.batch_service.making import add_job, make_item, make_job


class Rings:
    def __init__(self) -> None:
        self.heard: list[int] = []

    def ring(self, chunks: int = 1) -> None:
        self.heard.append(chunks)


@pytest.fixture
def rings() -> Rings:
    return Rings()


def keep_house(store: SqlJobStore, rings: Rings, *, busy_for_s: float) -> KeepHouse:
    uploads = SqlUploads(store.database, store.vault)
    return KeepHouse(store, uploads, rings, "test", retention_s=60, retry_window_s=60, busy_for_s=busy_for_s)


def test_it_rings_for_what_has_no_worker(sqlite_store: SqlJobStore, rings: Rings) -> None:
    house = keep_house(sqlite_store, rings, busy_for_s=60)
    house()
    add_job(sqlite_store, make_job(3), chunk_items=1)
    house()
    house()
    assert rings.heard == [3, 3]


def test_it_rings_once_in_a_while_as_long_as_workers_are_busy(sqlite_store: SqlJobStore, rings: Rings) -> None:
    add_job(sqlite_store, make_job(3), chunk_items=1)
    assert sqlite_store.claim("a worker", lease_s=60)
    house = keep_house(sqlite_store, rings, busy_for_s=60)
    for _ in range(3):
        house()
    assert rings.heard == [2]
    house.rang_at -= 60
    house()
    assert rings.heard == [2, 2]


def test_a_bell_that_does_not_pile_up_is_rung_each_time(sqlite_store: SqlJobStore, rings: Rings) -> None:
    add_job(sqlite_store, make_job(3), chunk_items=1)
    assert sqlite_store.claim("a worker", lease_s=60)
    house = keep_house(sqlite_store, rings, busy_for_s=0)
    house()
    house()
    assert rings.heard == [2, 2]


def test_one_that_does_not_lead_does_not_ring(sqlite_store: SqlJobStore, rings: Rings) -> None:
    add_job(sqlite_store, make_job(), chunk_items=1)
    assert sqlite_store.lead("another", lease_s=60)
    keep_house(sqlite_store, rings, busy_for_s=0)()
    assert rings.heard == []


def test_it_throws_away_uploads_that_nobody_goes_on_with(sqlite_store: SqlJobStore, rings: Rings) -> None:
    uploads = SqlUploads(sqlite_store.database, sqlite_store.vault)
    going_on, broken_off = make_job(0), make_job(0)
    uploads.begin(going_on, lease_s=60)
    uploads.begin(broken_off, lease_s=60)
    for job, lease_s in ((going_on, 60.0), (broken_off, -1.0)):
        uploads.append(job.id, [make_item()], lease_s=lease_s, max_pending_items=10)
    keep_house(sqlite_store, rings, busy_for_s=0)()
    assert uploads.complete(going_on) == going_on.id
    with pytest.raises(UploadLostError):
        uploads.append(broken_off.id, [make_item(1)], lease_s=60, max_pending_items=10)
    assert uploads.lost(limit=10) == []
