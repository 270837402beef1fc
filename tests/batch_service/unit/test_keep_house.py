"""When housekeeping rings: for what has no worker, and not again and again while workers are busy."""

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.application.keep_house import KeepHouse
from tests.batch_service.making import add_job, make_job


class Rings:
    def __init__(self) -> None:
        self.heard: list[int] = []

    def ring(self, chunks: int = 1) -> None:
        self.heard.append(chunks)


@pytest.fixture
def rings() -> Rings:
    return Rings()


def keep_house(store: SqlJobStore, rings: Rings, *, busy_for_s: float) -> KeepHouse:
    return KeepHouse(store, rings, "test", retention_s=60, busy_for_s=busy_for_s)


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
