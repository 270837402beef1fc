"""A chunk whose target is to be left alone: handed back by a job, answered at once for whoever waits."""

from dataclasses import replace

import pytest

from batch_service.adapters.tables import chunks, items
from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent, Outcome, Request
from batch_service.domain.circuit import Hold, Reason
from batch_service.domain.gate import TargetReport
from tests.batch_service.making import OWNER, add_job, make_entity, make_job
from tests.batch_service.scripted_fan_out import always, keep
from tests.batch_service.unit.bench import Bench
from tests.batch_service.waiting import eventually

DOWN = NotSent(0, Fault.UNREACHABLE)


def hold(bench: Bench, *, for_s: float = 20.0, reason: Reason = Reason.FAILING, trips: int = 3) -> None:
    """Have another worker find the target failing."""
    report = TargetReport("things", 8, 0, hold=Hold(for_s, reason, trips))
    bench.targets.open(bench.entity)
    bench.targets.store.sync("another", [report], lease_s=15.0)
    bench.targets.sync()


def let_pass(bench: Bench) -> None:
    with bench.store.database.writing() as connection:
        connection.execute(chunks.update().values(not_before=None))
        connection.execute(items.update().values(not_before=None))


def add(bench: Bench, count: int = 3, *, patient: bool = True) -> str:
    return add_job(bench.store, replace(make_job(count), patient=patient), chunk_items=500)


def test_a_job_gives_its_chunk_back_until_the_hold_is_over(bench: Bench) -> None:
    hold(bench)
    job_id = add(bench)
    assert bench.run().status == "running"
    assert (list(bench.sent), bench.codes(job_id)) == ([], [None] * 3)
    assert bench.store.claim("any", lease_s=15) is None
    let_pass(bench)
    again = bench.claim()
    assert not again.was_claimed_before
    assert [(item.attempts, item.underway) for item in again.items] == [(0, False)] * 3


def test_who_waits_is_told_that_the_target_is_failing(bench: Bench) -> None:
    hold(bench)
    job_id = add(bench, patient=False)
    assert bench.run().status == "failed"
    assert (list(bench.sent), bench.problems(job_id)) == ([], ["circuit_open"] * 3)
    (row, *_) = bench.store.results(job_id, OWNER, limit=1, after=None, status=None)
    assert 10 < int(row.response_headers["Retry-After"]) <= 20


def test_who_waits_is_not_told_so_for_a_target_that_throttles(bench: Bench) -> None:
    hold(bench, reason=Reason.THROTTLED)
    job_id = add(bench, patient=False)
    bench.run()
    assert bench.codes(job_id) == [None] * 3


def test_an_item_of_a_job_is_not_given_up_while_its_target_is_away(bench: Bench) -> None:
    """Retries are for items; a target that is away would use up those of all of them."""
    hold(bench, for_s=-1)
    bench.entity = make_entity(retries=0)
    bench.fan_out.script = always(DOWN)
    job_id = add(bench, 1)
    stops = iter([False] * 3 + [True] * 1000)
    bench.run(stopping=lambda: next(stops))
    assert bench.codes(job_id) == [None]
    assert bench.sent


@pytest.mark.parametrize("outcome", [MaybeApplied(0, Fault.TIMED_OUT), Answered(0, 504), Answered(0, 502)])
def test_an_item_that_may_be_what_breaks_its_target_is_given_up(bench: Bench, outcome: Outcome) -> None:
    hold(bench, for_s=-1)
    bench.entity = make_entity(retries=1, idempotent_writes=True)
    bench.fan_out.script = always(outcome)
    job_id = add(bench, 1)
    bench.run()
    assert bench.codes(job_id) == [getattr(outcome, "status", 504)]


def test_a_long_retry_after_gives_the_chunk_back(bench: Bench) -> None:
    def script(request: Request, attempt: int) -> Outcome:
        return (
            Answered(request.index, 503, headers={"retry-after": "60"}) if request.index == 1 else Answered(request.index, 201)
        )

    bench.fan_out.script = script
    job_id = add(bench)
    assert bench.run().status == "running"
    assert bench.codes(job_id) == [201, None, 201]
    assert bench.store.claim("any", lease_s=15) is None
    with bench.store.database.writing() as connection:
        connection.execute(chunks.update().values(not_before=None))
    (item,) = bench.claim().items
    assert (item.index, item.attempts, item.unclear) == (1, 1, False)
    assert 50 < item.wait_s <= 61


def test_attempts_go_on_where_they_were_left(bench: Bench) -> None:
    bench.entity = make_entity(retries=1)
    bench.fan_out.script = always(Answered(0, 503, headers={"retry-after": "60"}))
    job_id = add(bench, 1)
    bench.run()
    let_pass(bench)
    bench.run()
    assert (bench.codes(job_id), bench.attempts(job_id), len(bench.sent)) == ([503], [2], 2)


def test_what_may_have_been_applied_is_remembered(bench: Bench) -> None:
    bench.entity = make_entity(idempotent_writes=True, retries=9)
    bench.fan_out.script = always(MaybeApplied(0, Fault.BROKEN))
    job_id = add(bench, 1)
    stops = iter([False, False, True])
    bench.run(stopping=lambda: next(stops, True))
    bench.store.cancel(job_id, OWNER)
    assert bench.problems(job_id) == ["outcome_unknown"]


def test_an_item_is_not_tried_for_longer_than_its_entity_says(bench: Bench) -> None:
    bench.entity = make_entity(item_timeout_s=5.0, retries=9)
    bench.fan_out.script = always(Answered(0, 503, headers={"retry-after": "60"}))
    job_id = add(bench, 1)
    bench.run()
    assert (bench.problems(job_id), bench.attempts(job_id)) == (["item_timed_out"], [1])


def test_the_time_of_an_item_goes_on_while_it_waits_without_a_worker(bench: Bench) -> None:
    bench.entity = make_entity(item_timeout_s=100.0, retries=9)
    bench.fan_out.script = always(Answered(0, 503, headers={"retry-after": "60"}))
    job_id = add(bench, 1)
    bench.run()
    let_pass(bench)
    with bench.store.database.writing() as connection:
        connection.execute(items.update().values(first_sent_at=items.c.first_sent_at - 200_000))
    bench.run()
    assert (bench.problems(job_id), len(bench.sent)) == (["item_timed_out"], 1)


def die_of_it(bench: Bench, index: int, *, times: int) -> None:
    """Have workers claim the chunk and die when they have noted an item."""
    for _ in range(times):
        bench.store.mark_sent(bench.claim(), [index], lease_s=-1)


def test_an_item_that_kills_its_workers_is_given_up_and_its_siblings_succeed(bench: Bench) -> None:
    bench.entity = make_entity(idempotent_writes=True, retries=2)
    job_id = add(bench, 5)
    for _ in range(3):
        bench.store.record(bench.claim(), [], lease_s=-1, last=False)
    die_of_it(bench, 2, times=3)
    bench.run()
    assert bench.codes(job_id) == [201, 201, 502, 201, 201]
    assert bench.problems(job_id) == ["attempts_exhausted"]


def test_after_several_deaths_items_go_one_by_one_and_noted(bench: Bench) -> None:
    bench.entity = make_entity(idempotent_writes=True)
    bench.fan_out.script = keep
    add(bench, 5)
    for _ in range(3):
        bench.store.record(bench.claim(), [], lease_s=-1, last=False)
    running = bench.begin()
    bench.fan_out.finish(Answered(0, 201))
    bench.fan_out.finish(Answered(1, 201))
    with bench.store.database.reading() as connection:
        underway = connection.execute(items.select().where(items.c.underway)).mappings().all()
    assert max(row["position"] for row in underway) in (1, 2)
    assert len(bench.sent) <= 3
    bench.fan_out.let_go()
    running.result(10)


def test_who_gave_up_waiting_has_a_job_that_outwaits_its_target(bench: Bench) -> None:
    bench.fan_out.script = keep
    job_id = add(bench, patient=False)
    running = bench.begin()
    eventually(lambda: len(bench.sent) == 3)
    bench.store.make_patient(job_id, OWNER)
    bench.fan_out.finish(Answered(0, 201))
    eventually(lambda: bench.codes(job_id)[0] == 201)
    hold(bench)
    bench.fan_out.let_go(lambda request, _: Answered(request.index, 503))
    running.result(10)
    assert bench.codes(job_id) == [201, None, None]
    assert bench.store.get(job_id, OWNER).patient
