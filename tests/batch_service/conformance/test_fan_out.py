"""What every fan-out does: libcurl's, and the one in memory that other tests use in its place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from batch_service.adapters.door_fan_out import DoorFanOut
from batch_service.adapters.fan_out import LibcurlFanOut
from batch_service.domain.attempt import Answered, Request
from batch_service.domain.entity import BatchDoor, Entity
from batch_service.domain.ports import FanOut
from tests.batch_service.gate import Gate
from tests.batch_service.making import make_entity, make_request
from tests.batch_service.open_gate import OpenGate
from tests.batch_service.scripted_fan_out import ScriptedFanOut, keep
from tests.batch_service.sending import collect_all
from tests.batch_service.waiting import eventually


@dataclass
class World:
    """A fan-out, and a target that answers once it is let go."""

    fan_out: FanOut
    entity: Entity
    sent: Callable[[], int]
    let_go: Callable[[], None]

    def requests(self, *indexes: int) -> list[Request]:
        return [replace(make_request(index, url=self.entity.url), headers={"accept-language": "en"}) for index in indexes]


def _libcurl() -> Iterator[World]:
    with Gate() as gate:
        entity = make_entity(url=gate.target.url, concurrency=2)
        yield World(LibcurlFanOut(OpenGate()), entity, lambda: len(gate.target.asked), gate.open)


def _scripted() -> Iterator[World]:
    fan_out = ScriptedFanOut(keep)
    yield World(fan_out, make_entity(concurrency=2), lambda: len(fan_out.sent), fan_out.let_go)


def _door() -> Iterator[World]:
    """Items that go alone, since they have headers of their own: the door makes no difference to them."""
    with Gate() as gate:
        entity = make_entity(url=gate.target.url, concurrency=2, door=BatchDoor("/batch"))
        yield World(DoorFanOut(LibcurlFanOut(OpenGate())), entity, lambda: len(gate.target.asked), gate.open)


@pytest.fixture(params=[_libcurl, _door, _scripted], ids=["libcurl", "door", "scripted"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    yield from request.param()


def test_each_request_ends_with_one_outcome(world: World) -> None:
    exchange = world.fan_out.open(world.entity)
    exchange.send(world.requests(*range(10)))
    exchange.send(world.requests(*range(10, 20)))
    world.let_go()
    outcomes = collect_all(exchange, 20)
    assert all(isinstance(outcome, Answered) and outcome.body == b"{}" for outcome in outcomes.values())
    assert exchange.collect(0.01, enough=1) == []
    assert world.sent() == 20


def test_no_more_leave_than_there_are_connections(world: World) -> None:
    exchange = world.fan_out.open(world.entity)
    exchange.send(world.requests(*range(10)))
    eventually(lambda: world.sent() == 2)
    assert exchange.collect(0.05, enough=1) == []
    assert world.sent() == 2
    world.let_go()
    collect_all(exchange, 10)


def test_what_has_not_left_is_taken_back_and_never_leaves(world: World) -> None:
    exchange = world.fan_out.open(world.entity)
    exchange.send(world.requests(*range(10)))
    eventually(lambda: world.sent() == 2)
    recalled = exchange.recall()
    assert exchange.recall() == []
    world.let_go()
    assert sorted([*recalled, *collect_all(exchange, 2)]) == list(range(10))
    assert exchange.collect(0.05, enough=1) == []
    assert world.sent() == 2


def test_an_item_may_be_sent_again(world: World) -> None:
    exchange = world.fan_out.open(world.entity)
    world.let_go()
    for _ in range(3):
        exchange.send(world.requests(7))
        assert list(collect_all(exchange, 1)) == [7]
    assert world.sent() == 3


def test_exchanges_keep_their_outcomes_apart(world: World) -> None:
    one, other = world.fan_out.open(world.entity), world.fan_out.open(world.entity)
    one.send(world.requests(1, 2, 3))
    other.send(world.requests(1, 2))
    world.let_go()
    assert set(collect_all(one, 3)) == {1, 2, 3}
    assert set(collect_all(other, 2)) == {1, 2}


def test_where_nothing_was_sent_nothing_comes(world: World) -> None:
    exchange = world.fan_out.open(world.entity)
    exchange.send([])
    assert exchange.recall() == []
    assert exchange.collect(0.01, enough=1) == []
