"""A chunk whose earlier worker died: nobody knows which of its items were sent."""

import pytest

from batch_service.domain.job import Job
from tests.batch_service.making import make_entity, make_item
from tests.batch_service.unit.bench import Bench

METHODS = ["GET", "HEAD", "PUT", "DELETE", "POST", "PATCH"]


def run_after_a_death(bench: Bench, *, cancel: bool = False) -> tuple[str, Job]:
    job_id = bench.add(*[make_item(n, method=method) for n, method in enumerate(METHODS)])
    bench.claim(lease_s=-1)
    if cancel:
        bench.store.cancel(job_id)
    return job_id, bench.run()


def test_what_a_second_sending_could_double_is_not_sent(bench: Bench) -> None:
    job_id, job = run_after_a_death(bench)
    assert sorted(bench.sent) == [0, 1, 2, 3]
    assert bench.codes(job_id) == [201, 201, 201, 201, 409, 409]
    assert bench.problems(job_id) == ["outcome_unknown", "outcome_unknown"]
    assert job.status == "partial"


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
