import pytest

from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent, Outcome
from tests.batch_service.making import OWNER, make_entity, make_item
from tests.batch_service.scripted_fan_out import keep
from tests.batch_service.unit.bench import Bench
from tests.batch_service.waiting import eventually


def test_what_has_not_left_ends_and_what_has_left_keeps_its_answer(bench: Bench) -> None:
    bench.entity = make_entity(concurrency=2)
    bench.fan_out.script = keep
    job_id = bench.add(*[make_item(n) for n in range(6)])
    running = bench.begin()
    eventually(lambda: len(bench.sent) == 2)
    bench.store.cancel(job_id, OWNER)
    eventually(lambda: bench.codes(job_id) == [None, None, 499, 499, 499, 499])
    bench.fan_out.finish(Answered(0, 201))
    bench.fan_out.finish(Answered(1, 404))
    job = running.result(10)
    assert (job.status, job.counts.succeeded, job.counts.failed) == ("cancelled", 1, 5)
    assert bench.codes(job_id) == [201, 404, 499, 499, 499, 499]
    assert bench.sent == [0, 1]


@pytest.mark.parametrize(
    ("last", "problem"),
    [
        (NotSent(0, Fault.BROKEN), "cancelled"),
        (Answered(0, 503), "cancelled"),
        (MaybeApplied(0, Fault.BROKEN), "outcome_unknown"),
        (Answered(0, 504), "outcome_unknown"),
    ],
)
def test_what_comes_back_after_the_cancel_is_not_sent_again(bench: Bench, last: Outcome, problem: str) -> None:
    bench.entity = make_entity(idempotent_writes=True)
    bench.fan_out.script = keep
    job_id = bench.add(make_item(0), make_item(1))
    running = bench.begin()
    eventually(lambda: len(bench.sent) == 2)
    bench.store.cancel(job_id, OWNER)
    bench.fan_out.finish(Answered(1, 201))
    eventually(lambda: bench.codes(job_id) == [None, 201])  # so the cancel was seen
    bench.fan_out.finish(last)
    assert running.result(10).status == "cancelled"
    assert bench.problems(job_id) == [problem]
    assert bench.sent == [0, 1]


@pytest.mark.parametrize(("method", "problem"), [("POST", "outcome_unknown"), ("PUT", "outcome_unknown"), ("GET", "cancelled")])
def test_what_waits_for_another_attempt_tells_the_truth(bench: Bench, method: str, problem: str) -> None:
    """It may have been applied by the attempt before; a read changes nothing either way."""
    bench.entity = make_entity(idempotent_writes=True, retries=20)
    bench.fan_out.script = lambda request, _: MaybeApplied(0, Fault.BROKEN) if request.index == 0 else None
    job_id = bench.add(make_item(0, method=method), make_item(1))
    running = bench.begin()
    eventually(lambda: bench.sent.count(0) >= 2)
    bench.store.cancel(job_id, OWNER)
    eventually(lambda: bench.codes(job_id)[0] is not None)
    bench.fan_out.finish(Answered(1, 201))
    running.result(10)
    assert bench.problems(job_id) == [problem]


def test_a_cancelled_chunk_that_nobody_had_sends_nothing(bench: Bench) -> None:
    job_id = bench.add(make_item(0), make_item(1, method="GET"))
    bench.store.release(bench.claim())
    held = bench.claim()
    bench.store.cancel(job_id, OWNER)
    bench.store.release(held)
    assert bench.store.get(job_id, OWNER).status == "cancelled"
    assert bench.sent == []
    assert bench.problems(job_id) == ["cancelled", "cancelled"]
