"""A chunk whose earlier worker died: nobody knows which of its items were sent."""

from collections.abc import Sequence

import pytest

from batch_service.domain.job import Job
from tests.batch_service.making import OWNER, make_entity, make_item
from tests.batch_service.scripted_fan_out import keep
from tests.batch_service.unit.bench import Bench
from tests.batch_service.waiting import eventually

METHODS = ["GET", "HEAD", "PUT", "DELETE", "POST", "PATCH"]


def run_after_a_death(bench: Bench, *, noted: Sequence[int] = (4, 5), cancel: bool = False) -> tuple[str, Job]:
    """The earlier worker noted what it was about to send, where a second sending could do harm; then it died."""
    job_id = bench.add(*[make_item(n, method=method) for n, method in enumerate(METHODS)])
    bench.store.mark_sent(bench.claim(), noted, lease_s=-1)
    if cancel:
        bench.store.cancel(job_id, OWNER)
    return job_id, bench.run()


def test_what_a_second_sending_could_double_is_not_sent(bench: Bench) -> None:
    job_id, job = run_after_a_death(bench)
    assert sorted(bench.sent) == [0, 1, 2, 3]
    assert bench.codes(job_id) == [201, 201, 201, 201, 409, 409]
    assert bench.problems(job_id) == ["outcome_unknown", "outcome_unknown"]
    assert job.status == "partial"


def test_what_had_not_left_is_sent(bench: Bench) -> None:
    job_id, _ = run_after_a_death(bench, noted=[4])
    assert sorted(bench.sent) == [0, 1, 2, 3, 5]
    assert bench.codes(job_id) == [201, 201, 201, 201, 409, 201]


def test_an_item_is_noted_before_it_leaves_and_few_at_a_time(bench: Bench) -> None:
    bench.entity = make_entity(concurrency=2)
    bench.fan_out.script = keep
    job_id = bench.add(*[make_item(n) for n in range(20)])
    running = bench.begin()
    eventually(lambda: len(bench.sent) == 2)
    assert sum(bench.attempts(job_id)) == 4
    bench.fan_out.let_go()
    assert running.result(10).status == "succeeded"
    assert bench.attempts(job_id) == [1] * 20


def test_all_is_sent_again_where_the_target_honours_keys(bench: Bench) -> None:
    bench.entity = make_entity(idempotent_writes=True)
    _, job = run_after_a_death(bench)
    assert sorted(bench.sent) == [0, 1, 2, 3, 4, 5]
    assert job.status == "succeeded"


@pytest.mark.parametrize("honours_keys", [True, False])
def test_nothing_is_sent_once_the_job_is_cancelled(bench: Bench, honours_keys: bool) -> None:
    bench.entity = make_entity(idempotent_writes=honours_keys)
    job_id, job = run_after_a_death(bench, cancel=True)
    assert bench.sent == []
    assert bench.codes(job_id) == [499, 499, 409, 409, 409, 409]
    assert job.status == "cancelled"
