import pytest

from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent, Outcome, Request
from tests.batch_service.making import make_entity, make_item
from tests.batch_service.scripted_fan_out import always
from tests.batch_service.unit.bench import Bench


def test_what_may_be_tried_again_is_until_it_succeeds(bench: Bench) -> None:
    first_attempts: list[Outcome] = [NotSent(1, Fault.BROKEN), Answered(1, 503), Answered(1, 201)]

    def script(request: Request, attempt: int) -> Outcome:
        if request.index == 1:
            return first_attempts[attempt - 1]
        return Answered(request.index, 201)

    bench.fan_out.script = script
    job_id = bench.add(make_item(0), make_item(1), make_item(2))
    assert bench.run().status == "succeeded"
    assert bench.attempts(job_id) == [1, 3, 1]
    assert sorted(bench.sent) == [0, 1, 1, 1, 2]


def test_each_attempt_carries_the_same_key(bench: Bench) -> None:
    bench.fan_out.script = lambda _, attempt: Answered(0, 503 if attempt == 1 else 201)
    job_id = bench.add()
    bench.run()
    assert [request.headers["idempotency-key"] for request in bench.fan_out.sent] == [f"{job_id}:0"] * 2


def test_attempts_are_bounded(bench: Bench) -> None:
    bench.fan_out.script = always(Answered(0, 503))
    job_id = bench.add()
    assert bench.run().status == "failed"
    assert (bench.codes(job_id), bench.attempts(job_id)) == ([503], [3])


@pytest.mark.parametrize(("honours_keys", "sent", "problem"), [(False, 1, "outcome_unknown"), (True, 3, "target_timed_out")])
def test_a_write_that_may_have_been_applied_is_sent_again_only_with_a_key_that_counts(
    bench: Bench, honours_keys: bool, sent: int, problem: str
) -> None:
    bench.entity = make_entity(retries=2, idempotent_writes=honours_keys)
    bench.fan_out.script = always(MaybeApplied(0, Fault.TIMED_OUT))
    job_id = bench.add()
    bench.run()
    assert len(bench.fan_out.sent) == sent
    assert bench.problems(job_id) == [problem]
