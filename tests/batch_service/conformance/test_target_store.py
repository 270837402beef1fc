"""What workers share about targets: connections that never add up to more than the target's, one trial at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import shares, targets
from batch_service.adapters.target_store import SqlTargetStore
from batch_service.domain.circuit import Hold, Reason
from batch_service.domain.gate import TargetReport, TargetView

LEASE_S = 60.0
HOLD = Hold(20.0, Reason.FAILING, 3)


@pytest.fixture
def target_store(store: SqlJobStore) -> SqlTargetStore:
    return SqlTargetStore(store.database)


def report(**values: object) -> TargetReport:
    return TargetReport(**{"entity": "things", "concurrency": 16, "in_flight": 0, **values})  # type: ignore[arg-type]


def sync(store: SqlTargetStore, owner: str, **values: object) -> TargetView:
    (view,) = store.sync(owner, [report(**values)], lease_s=LEASE_S)
    return view


def let_pass(store: SqlJobStore) -> None:
    """Let every hold and every lease run out."""
    with store.database.writing() as connection:
        connection.execute(targets.update().values(held_until=targets.c.held_until - 1_000_000))
        connection.execute(shares.update().values(lease_until=1))


def test_one_worker_has_them_all(target_store: SqlTargetStore) -> None:
    assert sync(target_store, "a") == TargetView("things", 16, None)


def test_a_second_worker_has_its_half_once_the_first_has_given_it_back(target_store: SqlTargetStore) -> None:
    sync(target_store, "a")
    assert sync(target_store, "b").connections == 0
    assert sync(target_store, "a", in_flight=16).connections == 8
    assert sync(target_store, "b").connections == 0, "what is in flight is not to be had"
    assert sync(target_store, "a", in_flight=11).connections == 8
    assert sync(target_store, "b").connections == 5
    assert sync(target_store, "a", in_flight=3).connections == 8
    assert sync(target_store, "b").connections == 8


@pytest.mark.parametrize(("concurrency", "workers"), [(16, 3), (1, 2), (2, 5), (7, 7), (256, 9)])
def test_shares_never_add_up_to_more(target_store: SqlTargetStore, concurrency: int, workers: int) -> None:
    owners = [f"w{number}" for number in range(workers)]
    for _ in range(4):
        views = [sync(target_store, owner, concurrency=concurrency) for owner in owners]
    assert sum(view.connections or 0 for view in views) == concurrency
    assert max(view.connections or 0 for view in views) <= -(-concurrency // workers)


def test_a_worker_that_leaves_gives_its_share_back(target_store: SqlTargetStore) -> None:
    sync(target_store, "a")
    sync(target_store, "b")
    assert sync(target_store, "a", is_leaving=True).connections is None
    assert sync(target_store, "b").connections == 16


def test_the_share_of_a_worker_that_died_is_to_be_had_again(store: SqlJobStore, target_store: SqlTargetStore) -> None:
    sync(target_store, "a", in_flight=16)
    let_pass(store)
    assert sync(target_store, "b").connections == 16


def test_each_target_is_shared_by_itself(target_store: SqlTargetStore) -> None:
    views = target_store.sync("a", [report(), report(entity="others", concurrency=3)], lease_s=LEASE_S)
    assert {view.entity: view.connections for view in views} == {"things": 16, "others": 3}
    assert sync(target_store, "b", entity="none").connections == 16


def test_what_one_found_all_know(target_store: SqlTargetStore) -> None:
    sync(target_store, "a", hold=HOLD)
    for seen in (sync(target_store, "b").hold, target_store.find_hold("things")):
        assert seen
        assert (seen.reason, seen.trips) == (Reason.FAILING, 3)
        assert 10 < seen.for_s <= 20
    assert target_store.find_hold("others") is None
    sync(target_store, "b", is_closed=True)
    assert sync(target_store, "a").hold is None
    assert target_store.find_hold("things") is None


def test_nobody_tries_before_the_time(target_store: SqlTargetStore) -> None:
    sync(target_store, "a", hold=HOLD)
    assert not sync(target_store, "a", trial_s=5.0).may_try


def test_one_worker_tries_and_the_others_wait_for_what_it_finds(store: SqlJobStore, target_store: SqlTargetStore) -> None:
    sync(target_store, "a", hold=HOLD)
    let_pass(store)
    assert sync(target_store, "a", trial_s=30.0).may_try
    other = sync(target_store, "b", trial_s=30.0)
    assert not other.may_try
    assert other.hold
    assert other.hold.for_s > 20
    let_pass(store)
    assert sync(target_store, "b", trial_s=30.0).may_try, "the first one died over it"


def test_a_worker_without_a_connection_does_not_try(store: SqlJobStore, target_store: SqlTargetStore) -> None:
    """It could not, and would hold the target for the one that can."""
    sync(target_store, "a", concurrency=1, hold=HOLD)
    with store.database.writing() as connection:
        connection.execute(targets.update().values(held_until=1))
    assert not sync(target_store, "b", concurrency=1, trial_s=30.0).may_try
    assert sync(target_store, "a", concurrency=1, trial_s=30.0).may_try


def test_a_target_that_is_well_needs_no_trial(target_store: SqlTargetStore) -> None:
    assert not sync(target_store, "a", trial_s=5.0).may_try


def test_many_workers_at_once(target_store: SqlTargetStore) -> None:
    """Two entities named in both orders: whoever takes turns at two rows must not wait in a ring."""
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait(10)
        both = [report(), report(entity="others")]
        for _ in range(5):
            target_store.sync(f"w{number}", both if number % 2 else both[::-1], lease_s=LEASE_S)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    views = [sync(target_store, f"w{number}") for number in range(8)]
    assert sum(view.connections or 0 for view in views) <= 16
