import time
from collections.abc import Iterator

import pytest

from batch_service.adapters.fan_out import LibcurlFanOut
from batch_service.domain.attempt import Answered
from tests.batch_service.gate import Gate
from tests.batch_service.making import make_entity, make_request
from tests.batch_service.raw_target import RawTarget
from tests.batch_service.sending import Send, collect_all
from tests.batch_service.waiting import eventually


@pytest.fixture
def gate() -> Iterator[Gate]:
    with Gate() as gate:
        yield gate


def test_a_small_exchange_does_not_wait_for_a_big_one(fan_out: LibcurlFanOut, gate: Gate) -> None:
    entity = make_entity(url=gate.target.url, concurrency=1)
    big, small = fan_out.open(entity), fan_out.open(entity)
    big.send([make_request(n, url=entity.url) for n in range(100)])
    small.send([make_request(n, url=f"{entity.url}/small") for n in range(5)])
    gate.open()
    collect_all(small, 5)
    collect_all(big, 100)
    order = [asked.path.endswith("/small") for asked in gate.target.asked]
    first = order.index(True)
    assert order[first : first + 10] == [True, False] * 5


def test_what_has_not_left_can_be_taken_back(fan_out: LibcurlFanOut, gate: Gate) -> None:
    entity = make_entity(url=gate.target.url, concurrency=2)
    exchange = fan_out.open(entity)
    exchange.send([make_request(n, url=entity.url) for n in range(50)])
    eventually(lambda: len(gate.target.asked) == 2)
    recalled = exchange.recall()
    assert exchange.recall() == []
    gate.open()
    outcomes = collect_all(exchange, 2)
    assert sorted([*recalled, *outcomes]) == list(range(50))
    assert len(recalled) == 48
    assert len(gate.target.asked) == 2


def test_an_exchange_goes_on_after_a_recall(fan_out: LibcurlFanOut, gate: Gate) -> None:
    entity = make_entity(url=gate.target.url, concurrency=1)
    exchange = fan_out.open(entity)
    exchange.send([make_request(n, url=entity.url) for n in range(3)])
    eventually(lambda: len(gate.target.asked) == 1)
    exchange.recall()
    exchange.send([make_request(9, url=entity.url)])
    gate.open()
    assert set(collect_all(exchange, 2)) == {0, 9}


def test_a_hanging_target_does_not_hold_up_another(fan_out: LibcurlFanOut, gate: Gate, target: RawTarget) -> None:
    slow, quick = make_entity(name="slow", url=gate.target.url), make_entity(name="quick", url=target.url)
    waiting, passing = fan_out.open(slow), fan_out.open(quick)
    waiting.send([make_request(n, url=slow.url) for n in range(20)])
    passing.send([make_request(n, url=quick.url) for n in range(100)])
    assert len(collect_all(passing, 100)) == 100
    gate.open()
    assert len(collect_all(waiting, 20)) == 20


def test_two_entities_of_one_server_keep_their_own_caps(fan_out: LibcurlFanOut, gate: Gate) -> None:
    one, other = (make_entity(name=name, url=gate.target.url, concurrency=2) for name in ("one", "other"))
    first, second = fan_out.open(one), fan_out.open(other)
    for exchange in (first, second):
        exchange.send([make_request(n, url=one.url) for n in range(10)])
    eventually(lambda: len(gate.target.asked) == 4)
    gate.open()
    collect_all(first, 10)
    collect_all(second, 10)
    assert gate.target.accepted == 4


def test_a_pace_is_kept(send: Send, target: RawTarget) -> None:
    entity = make_entity(url=target.url, rate_per_s=100.0)
    before = time.monotonic()
    outcomes = send(entity, [make_request(n, url=target.url) for n in range(31)])
    took_s = time.monotonic() - before
    assert all(isinstance(outcome, Answered) for outcome in outcomes)
    assert 0.29 <= took_s < 3.0


def test_nothing_is_collected_where_nothing_was_sent(fan_out: LibcurlFanOut) -> None:
    exchange = fan_out.open(make_entity())
    assert exchange.collect(0.01, enough=1) == []
    assert exchange.recall() == []
