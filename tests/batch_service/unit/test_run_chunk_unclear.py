"""What may have been applied is never said to have been left unsent, and never sent again unasked."""

import pytest

from batch_service.adapters.tables import chunks
from batch_service.domain.attempt import Answered, Fault, MaybeApplied, Outcome
from batch_service.domain.circuit import Hold, Reason
from batch_service.domain.errors import NothingToRetryError
from batch_service.domain.gate import TargetReport
from batch_service.domain.ports import Retry
from servicekit.ids import new_id
from tests.batch_service.making import OWNER, add_job, make_entity, make_item, make_job
from tests.batch_service.scripted_fan_out import always, keep
from tests.batch_service.unit.bench import Bench
from tests.batch_service.waiting import eventually

GATEWAY = [Answered(0, 502), Answered(0, 504), MaybeApplied(0, Fault.TOO_LARGE)]


def retry(bench: Bench, job_id: str, *, include_unknown: bool) -> str:
    new = Retry(new_id(), job_id, OWNER, chunk_items=500, expires_after_s=60.0, include_unknown=include_unknown)
    bench.store.add_retry(new, max_pending_items=1_000_000)
    return new.id


def hold(bench: Bench) -> None:
    report = TargetReport("things", 8, 0, hold=Hold(20.0, Reason.FAILING, 5))
    bench.targets.store.sync("another", [report], lease_s=15.0)
    bench.targets.sync()


@pytest.mark.parametrize("outcome", GATEWAY)
def test_a_write_that_is_sent_once_is_not_retried_unasked(bench: Bench, outcome: Outcome) -> None:
    bench.fan_out.script = always(outcome)
    job_id = bench.add(make_item(0))
    bench.run()
    assert bench.codes(job_id) == [getattr(outcome, "status", 502)]
    with pytest.raises(NothingToRetryError):
        retry(bench, job_id, include_unknown=False)
    assert bench.store.get(retry(bench, job_id, include_unknown=True), OWNER).counts.total == 1


@pytest.mark.parametrize("outcome", GATEWAY)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_a_second_sending_cannot_harm_is_retried(bench: Bench, outcome: Outcome, method: str) -> None:
    bench.entity = make_entity(retries=0)
    bench.fan_out.script = always(outcome)
    job_id = bench.add(make_item(0, method=method))
    bench.run()
    assert bench.store.get(retry(bench, job_id, include_unknown=False), OWNER).counts.total == 1


@pytest.mark.parametrize("how", ["stopping", "held"])
def test_what_a_dead_worker_may_have_sent_stays_in_doubt_when_the_next_one_hands_it_back(bench: Bench, how: str) -> None:
    bench.entity = make_entity(idempotent_writes=True)
    job_id = bench.add(make_item(0), make_item(1, method="GET"))
    with bench.store.database.writing() as connection:
        connection.execute(chunks.update().values(claims=1))  # a worker had it, and died
    claim = bench.claim()
    bench.targets.open(bench.entity)
    if how == "held":
        hold(bench)
    bench.run(claim, stopping=lambda: how == "stopping")
    assert bench.codes(job_id) == [None, None]
    bench.store.cancel(job_id, OWNER)
    assert bench.problems(job_id) == ["outcome_unknown", "cancelled"]


def test_who_waits_is_not_told_that_what_may_have_been_applied_was_not_sent(bench: Bench) -> None:
    bench.entity = make_entity(idempotent_writes=True, retries=9)
    bench.fan_out.script = keep
    job_id = add_job(bench.store, make_job(2, patient=False), chunk_items=500)
    running = bench.begin()
    eventually(lambda: len(bench.sent) == 2)
    hold(bench)
    bench.fan_out.finish(MaybeApplied(0, Fault.BROKEN))
    bench.fan_out.finish(Answered(1, 503))
    running.result(10)
    assert bench.problems(job_id) == ["outcome_unknown", "circuit_open"]
