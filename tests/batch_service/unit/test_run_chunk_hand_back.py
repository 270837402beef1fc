import threading

import pytest

from batch_service.domain.attempt import Answered
from batch_service.domain.chunk import Claim
from batch_service.domain.errors import LeaseLostError
from tests.batch_service.making import make_entity, make_item
from tests.batch_service.scripted_fan_out import always, created, keep
from tests.batch_service.unit.bench import Bench
from tests.batch_service.waiting import eventually


def test_a_stopping_worker_hands_back_what_has_not_left(bench: Bench) -> None:
    bench.entity = make_entity(concurrency=2)
    bench.fan_out.script = keep
    job_id = bench.add(*[make_item(n) for n in range(5)])
    stopping = threading.Event()
    running = bench.begin(None, stopping.is_set)
    eventually(lambda: len(bench.sent) == 2)
    stopping.set()
    eventually(lambda: bench.fan_out.exchanges[0].waiting == 0)
    with pytest.raises(TimeoutError):
        running.result(0.05)  # it does not leave behind what is in flight
    for index in (0, 1):
        bench.fan_out.finish(Answered(index, 201))
    assert running.result(10).counts.succeeded == 2
    assert bench.sent == [0, 1]

    again = bench.claim()
    assert not again.was_claimed_before
    assert [item.index for item in again.items] == [2, 3, 4]
    bench.fan_out.script = created
    assert bench.run(again).status == "succeeded"
    assert bench.codes(job_id) == [201] * 5


def test_a_stopping_worker_does_not_try_again(bench: Bench) -> None:
    bench.fan_out.script = always(Answered(0, 503))
    job_id = bench.add()
    bench.run(stopping=lambda: True)
    assert bench.codes(job_id) == [None]
    assert [item.index for item in bench.claim().items] == [0]


def test_a_stopping_worker_ends_a_chunk_that_has_all_its_answers(bench: Bench) -> None:
    bench.add(make_item(0), make_item(1))
    assert bench.run(stopping=lambda: len(bench.sent) == 2).status == "succeeded"


def lose(bench: Bench, held: Claim) -> None:
    """Let the lease run out and another worker take the chunk."""
    bench.store.record(held, [], lease_s=-1, last=False)
    assert bench.store.claim("another", lease_s=30) is not None


def test_nothing_more_leaves_once_the_lease_is_lost(bench: Bench) -> None:
    bench.lease_s = 0.3
    bench.entity = make_entity(concurrency=2)
    bench.fan_out.script = keep
    bench.add(*[make_item(n) for n in range(5)])
    held = bench.claim()
    running = bench.begin(held)
    eventually(lambda: len(bench.sent) == 2)
    lose(bench, held)
    with pytest.raises(LeaseLostError):
        running.result(10)
    for index in (0, 1):
        bench.fan_out.finish(Answered(index, 201))
    assert bench.sent == [0, 1]


def test_nothing_more_leaves_once_results_cannot_be_recorded(bench: Bench) -> None:
    class BrokenStore(type(bench.store)):  # type: ignore[misc]
        def record(self, *_: object, **__: object) -> None:
            raise OSError("disk full")

    bench.entity = make_entity(concurrency=1)
    bench.fan_out.script = lambda request, _: Answered(0, 201) if request.index == 0 else None
    bench.add(*[make_item(n) for n in range(5)])
    running = bench.begin(store=BrokenStore(bench.store.database, bench.store.vault))
    with pytest.raises(OSError, match="disk full"):
        running.result(10)
    bench.fan_out.finish(Answered(1, 201))
    assert bench.sent == [0, 1]
