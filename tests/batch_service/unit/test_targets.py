import threading
from collections.abc import Sequence

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import shares, targets
from batch_service.adapters.target_store import SqlTargetStore
from batch_service.application.targets import Targets
from batch_service.domain.attempt import Answered, Fault, NotSent
from batch_service.domain.gate import TargetReport, TargetView
from servicekit.database import StorageUnavailableError
from tests.batch_service.making import make_entity

THINGS = make_entity(concurrency=4)
DOWN = NotSent(0, Fault.UNREACHABLE)
GOOD = Answered(0, 201)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Fleet:
    """Workers on one database, each with a clock that a test moves."""

    def __init__(self, store: SqlJobStore) -> None:
        self.clock = Clock()
        self.database = store.database

    def worker(self, name: str) -> Targets:
        worker = Targets(SqlTargetStore(self.database), name, lease_s=15.0, clock=self.clock)
        worker.open(THINGS)
        return worker

    def let_holds_pass(self) -> None:
        self.clock.now += 40
        with self.database.writing() as connection:
            connection.execute(targets.update().values(held_until=1))

    def let_shares_lapse(self) -> None:
        with self.database.writing() as connection:
            connection.execute(shares.update().values(lease_until=1))


@pytest.fixture
def fleet(sqlite_store: SqlJobStore) -> Fleet:
    return Fleet(sqlite_store)


def entered(worker: Targets) -> int:
    """Take as many connections as there are to be had."""
    taken = 0
    while worker.enter(THINGS):
        taken += 1
    return taken


def fail(worker: Targets, times: int = 5) -> None:
    for _ in range(times):
        assert worker.enter(THINGS)
        worker.leave(THINGS, [DOWN])


def test_no_more_is_in_flight_than_the_share(fleet: Fleet) -> None:
    worker = fleet.worker("a")
    assert entered(worker) == 4
    worker.leave(THINGS, [GOOD, GOOD])
    assert entered(worker) == 2
    worker.give_back(THINGS)
    assert entered(worker) == 1


def test_nothing_leaves_before_a_share_was_asked_for(fleet: Fleet) -> None:
    worker = Targets(SqlTargetStore(fleet.database), "a", lease_s=15.0, clock=fleet.clock)
    assert not worker.enter(THINGS)
    worker.open(THINGS)
    assert worker.enter(THINGS)


def test_two_workers_come_to_halves(fleet: Fleet) -> None:
    first = fleet.worker("a")
    assert entered(first) == 4
    second = fleet.worker("b")
    assert (entered(second), second.has_room("things")) == (0, False)
    first.sync()
    first.leave(THINGS, [GOOD] * 3)
    first.sync()
    second.sync()
    assert (entered(first), entered(second)) == (1, 2)


def test_a_worker_that_was_paused_past_its_lease_sends_nothing_more(fleet: Fleet) -> None:
    worker = fleet.worker("a")
    fleet.clock.now += 15.1
    assert entered(worker) == 0
    worker.sync()
    assert entered(worker) == 4


def test_what_is_not_used_for_a_while_is_given_back(fleet: Fleet) -> None:
    first, second = fleet.worker("a"), fleet.worker("b")
    fleet.clock.now += 31
    second.open(THINGS)
    first.sync()
    second.sync()
    assert entered(second) == 4
    assert first.has_room("things"), "it would ask again"
    first.open(THINGS)
    assert entered(first) == 0


def test_five_failures_stop_every_worker(fleet: Fleet) -> None:
    first, second = fleet.worker("a"), fleet.worker("b")
    first.sync()
    second.sync()
    fail(first)
    assert entered(first) == 0
    assert first.changed.is_set()
    first.sync()
    second.sync()
    assert second.held().keys() == {"things"}
    assert entered(second) == 0


def test_one_worker_tries_with_one_item_and_all_go_on(fleet: Fleet) -> None:
    first, second = fleet.worker("a"), fleet.worker("b")
    first.sync()
    second.sync()
    fail(first)
    first.sync()
    second.sync()
    fleet.let_holds_pass()
    for worker in (first, second, first, second):
        worker.open(THINGS)
        worker.enter(THINGS)
        worker.sync()
    assert entered(first) + entered(second) <= 1
    tried = first if first._targets["things"].in_flight else second
    tried.leave(THINGS, [GOOD])
    tried.sync()
    first.sync()
    second.sync()
    assert entered(first) + entered(second) == 4


def test_news_survives_a_database_that_is_away(fleet: Fleet) -> None:
    class Shaky(SqlTargetStore):
        is_away = False

        def sync(self, owner: str, reports: Sequence[TargetReport], *, lease_s: float) -> list[TargetView]:
            if self.is_away:
                raise StorageUnavailableError("the database is away")
            return super().sync(owner, reports, lease_s=lease_s)

    store = Shaky(fleet.database)
    worker = Targets(store, "a", lease_s=15.0, clock=fleet.clock)
    worker.open(THINGS)
    fail(worker)
    store.is_away = True
    with pytest.raises(StorageUnavailableError):
        worker.sync()
    store.is_away = False
    worker.sync()
    assert fleet.worker("b").held().keys() == {"things"}


def test_any_number_of_threads(fleet: Fleet) -> None:
    worker = fleet.worker("a")
    most, inside, lock = [0], [0], threading.Lock()

    def work() -> None:
        for _ in range(300):
            if worker.enter(THINGS):
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with lock:
                    inside[0] -= 1
                worker.leave(THINGS, [GOOD])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert 1 <= most[0] <= 4
    assert entered(worker) == 4


def test_a_worker_that_ends_gives_its_connections_back_at_once(fleet: Fleet) -> None:
    first, second = fleet.worker("a"), fleet.worker("b")
    first.leave_all()
    second.sync()
    assert entered(second) == 4
