"""The sender's credential: where it goes, and what is left to do when it has expired."""

import time
from dataclasses import replace

import pytest

from batch_service.domain.attempt import Answered, Fault, MaybeApplied, Outcome
from batch_service.domain.chunk import Claim
from batch_service.domain.credential import Credential
from batch_service.domain.job import Job
from tests.batch_service.making import OWNER, add_job, make_entity, make_item, make_job
from tests.batch_service.scripted_fan_out import always, keep
from tests.batch_service.unit.bench import Bench
from tests.batch_service.waiting import eventually

CREDENTIAL = Credential("s3cr3t", None)


@pytest.fixture(autouse=True)
def forwards(bench: Bench) -> None:
    bench.entity = make_entity(forward_authorization=True, concurrency=2, idempotent_writes=True)


def add(bench: Bench, *methods: str, credential: Credential | None = CREDENTIAL) -> str:
    items = [make_item(n, method=method, headers={"x-own": "1"}) for n, method in enumerate(methods)]
    add_job(bench.store, replace(make_job(), items=items, credential=credential), chunk_items=500)
    return bench.store.page(OWNER, limit=1, before=None, status=None, entity=None)[0].id


def claim(bench: Bench, *, left_s: float) -> Claim:
    return replace(bench.claim(), credential_left_s=left_s)


def run_to_its_end(bench: Bench, first: Claim) -> Job:
    """A chunk whose next attempt is far off is handed back, and taken up when that is due."""
    job, deadline = bench.run(first), time.monotonic() + 20
    while not job.status.is_final:
        assert time.monotonic() < deadline
        again = bench.store.claim("bench", lease_s=15.0)
        job = job if again is None else bench.run(replace(again, credential_left_s=0.0))
    return job


def authorizations(bench: Bench) -> list[str | None]:
    return [request.headers.get("authorization") for request in bench.fan_out.sent]


def test_it_travels_with_each_item_to_a_target_that_takes_it(bench: Bench) -> None:
    add(bench, "POST", "GET")
    bench.run()
    assert authorizations(bench) == ["Bearer s3cr3t"] * 2


def test_it_goes_nowhere_else(bench: Bench) -> None:
    add(bench, "POST")
    bench.entity = replace(bench.entity, forward_authorization=False)
    bench.run()
    assert authorizations(bench) == [None]


def test_without_one_nothing_is_said(bench: Bench) -> None:
    add(bench, "POST", credential=None)
    bench.run()
    assert authorizations(bench) == [None]


def test_an_item_cannot_say_who_it_comes_from(bench: Bench) -> None:
    """A header of an item never is this one; even if it were, the sender's own would stand."""
    job = replace(make_job(), items=[make_item(headers={"authorization": "Bearer forged"})], credential=CREDENTIAL)
    add_job(bench.store, job, chunk_items=1)
    bench.run()
    assert authorizations(bench) == ["Bearer s3cr3t"]


def test_it_is_in_no_repr(bench: Bench) -> None:
    add(bench, "POST")
    claimed = bench.claim()
    bench.run(claimed)
    assert "s3cr3t" not in f"{claimed} {bench.fan_out.sent} {CREDENTIAL}"


def test_once_it_has_expired_nothing_more_is_sent(bench: Bench) -> None:
    job_id = add(bench, *["POST"] * 5)
    bench.fan_out.script = keep
    running = bench.begin(claim(bench, left_s=0.3))
    eventually(lambda: bench.codes(job_id) == [None, None, 401, 401, 401])
    bench.fan_out.finish(Answered(0, 201))
    bench.fan_out.finish(Answered(1, 503))  # it could be tried again, and may not be
    job = running.result(10)
    assert (job.status, bench.codes(job_id)) == ("partial", [201, 401, 401, 401, 401])
    assert bench.problems(job_id) == ["credential_expired"] * 4
    assert bench.sent == [0, 1]


@pytest.mark.parametrize(("method", "problem"), [("POST", "outcome_unknown"), ("GET", "credential_expired")])
def test_what_may_have_been_applied_is_not_said_to_be_unsent(bench: Bench, method: str, problem: str) -> None:
    bench.entity = replace(bench.entity, retries=20)
    bench.fan_out.script = always(MaybeApplied(0, Fault.BROKEN))
    job_id = add(bench, method)
    assert run_to_its_end(bench, claim(bench, left_s=0.3)).status == "failed"
    assert bench.problems(job_id) == [problem]


def test_one_that_came_too_late_sends_nothing(bench: Bench) -> None:
    job_id = add(bench, "POST", "GET")
    bench.run(claim(bench, left_s=-1.0))
    assert (bench.sent, bench.problems(job_id)) == ([], ["credential_expired"] * 2)


def test_its_expiry_means_nothing_to_a_target_that_does_not_get_it(bench: Bench) -> None:
    job_id = add(bench, "POST")
    bench.entity = replace(bench.entity, forward_authorization=False)
    bench.run(claim(bench, left_s=-1.0))
    assert bench.codes(job_id) == [201]


def test_a_401_of_the_target_is_its_answer(bench: Bench) -> None:
    def refuse(request: object, attempt: int) -> Outcome:
        return Answered(0, 401, "application/json", {"www-authenticate": "Bearer"}, b'{"error":"Who are you?"}')

    job_id = add(bench, "POST")
    bench.fan_out.script = refuse
    bench.run()
    (row,) = bench.store.results(job_id, OWNER, limit=1, after=None, status=None)
    assert (row.response_code, row.response_body, row.attempts) == (401, b'{"error":"Who are you?"}', 1)
