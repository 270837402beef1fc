"""What is done about the end of an attempt: try again, or a final result."""

from typing import Any

import orjson
import pytest

from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent, Outcome
from batch_service.domain.item import ItemResult
from batch_service.domain.outcome import Again, decide
from tests.batch_service.making import make_entity, make_item

READS = ["GET", "HEAD"]
IDEMPOTENT = [*READS, "PUT", "DELETE"]
UNSAFE = ["POST", "PATCH"]
METHODS = [*IDEMPOTENT, *UNSAFE]


def decided(outcome: Outcome, *, method: str = "POST", attempts: int = 1, honours_keys: bool = False) -> Again | ItemResult:
    entity = make_entity(retries=2, idempotent_writes=honours_keys)
    return decide(entity, make_item(method=method), outcome, attempts=attempts, spread=lambda: 1.0)


def result(outcome: Outcome, **values: Any) -> ItemResult:
    decision = decided(outcome, **values)
    assert isinstance(decision, ItemResult)
    return decision


def code(result: ItemResult) -> tuple[int, str]:
    assert result.body is not None
    return result.response_code, orjson.loads(result.body)["code"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("status", [408, 425, 429, 503])
def test_what_the_target_did_not_process_is_sent_again_whatever_it_is(method: str, status: int) -> None:
    assert isinstance(decided(Answered(0, status), method=method), Again)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.TIMED_OUT])
def test_what_never_left_is_sent_again_whatever_it_is(method: str, fault: Fault) -> None:
    assert isinstance(decided(NotSent(0, fault), method=method), Again)


@pytest.mark.parametrize(
    "outcome", [Answered(0, 502), Answered(0, 504), MaybeApplied(0, Fault.BROKEN), MaybeApplied(0, Fault.TIMED_OUT)]
)
def test_what_may_have_been_applied_is_sent_again_only_where_that_changes_nothing(outcome: Outcome) -> None:
    for method in IDEMPOTENT:
        assert isinstance(decided(outcome, method=method), Again)
    for method in UNSAFE:
        assert isinstance(decided(outcome, method=method, honours_keys=True), Again)
        assert isinstance(decided(outcome, method=method), ItemResult)


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.TIMED_OUT])
def test_the_outcome_of_a_write_without_a_key_is_unknown(method: str, fault: Fault) -> None:
    unknown = result(MaybeApplied(0, fault), method=method)
    assert code(unknown) == (409, "outcome_unknown")
    assert unknown.error is not None
    assert unknown.error.startswith("outcome unknown")
    assert not unknown.succeeded


@pytest.mark.parametrize(
    "status", [200, 201, 204, 301, 304, 307, 400, 401, 403, 404, 409, 410, 412, 413, 422, 499, 500, 501, 505, 507]
)
def test_any_other_answer_is_final(status: int) -> None:
    assert isinstance(decided(Answered(0, status), method="GET"), ItemResult)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_too_large_or_at_a_refused_address_is_not_tried_again(method: str) -> None:
    assert code(result(MaybeApplied(0, Fault.TOO_LARGE), method=method, honours_keys=True)) == (
        502,
        "target_response_too_large",
    )
    assert code(result(NotSent(0, Fault.ADDRESS_REFUSED), method=method)) == (502, "target_address_refused")


@pytest.mark.parametrize(
    ("outcome", "final"),
    [
        (Answered(0, 503), 503),
        (NotSent(0, Fault.BROKEN), (502, "target_broken")),
        (NotSent(0, Fault.TIMED_OUT), (504, "target_timed_out")),
        (MaybeApplied(0, Fault.BROKEN), (502, "target_broken")),
        (MaybeApplied(0, Fault.TIMED_OUT), (504, "target_timed_out")),
    ],
)
def test_attempts_are_bounded(outcome: Outcome, final: int | tuple[int, str]) -> None:
    assert isinstance(decided(outcome, method="PUT", attempts=2), Again)
    last = result(outcome, method="PUT", attempts=3)
    assert last.attempts == 3
    assert last.response_code == final if isinstance(final, int) else code(last) == final


def test_pauses_grow_are_spread_and_have_a_limit() -> None:
    entity, item = make_entity(retries=20), make_item()

    def pause_s(attempts: int, spread: float) -> float:
        again = decide(entity, item, Answered(0, 503), attempts=attempts, spread=lambda: spread)
        assert isinstance(again, Again)
        return again.delay_s

    assert [pause_s(attempts, 1.0) for attempts in (1, 2, 3, 4)] == [0.2, 0.4, 0.8, 1.6]
    assert pause_s(20, 1.0) == 10.0
    assert pause_s(3, 0.5) == 0.4
    assert pause_s(3, 0.0) == 0.0


def test_an_item_whose_first_sending_is_still_at_work_is_asked_about_again() -> None:
    answer = Answered(0, 409, "application/problem+json", {"retry-after": "1"}, b'{"code": "idempotency_key_in_use"}')
    assert isinstance(decided(answer), Again)
    assert result(Answered(0, 409, "application/json", {"retry-after": "1"}, b'{"code": "taken"}')).response_code == 409
