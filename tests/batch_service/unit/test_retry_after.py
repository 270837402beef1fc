from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_service.domain.attempt import Answered
from batch_service.domain.outcome import Again, decide
from batch_service.domain.retry_after import MAX_S, read_retry_after
from tests.batch_service.making import make_entity, make_item

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("999999", MAX_S),
        ("99999999999999999999", MAX_S),
        ("Sun, 22 Nov 2026 12:00:05 GMT", 5.0),
        ("Sunday, 22-Nov-26 12:00:05 GMT", 5.0),
        ("Sun Nov 22 12:00:05 2026", 5.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2099 12:00:00 GMT", MAX_S),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("Sun, 99 Nov 2026 12:00:05 GMT", None),
    ],
)
def test_both_forms_are_read_and_nonsense_is_ignored(value: str, seconds: float | None) -> None:
    assert read_retry_after({"retry-after": value}, now=NOW) == seconds


def test_a_date_is_measured_by_the_clock_of_the_target() -> None:
    headers = {"retry-after": "Sun, 22 Nov 2026 15:00:04 GMT", "date": "Sun, 22 Nov 2026 15:00:00 GMT"}

    assert read_retry_after(headers, now=NOW) == 4.0


def test_a_target_that_does_not_say_is_not_waited_for() -> None:
    assert read_retry_after({}, now=NOW) is None


@given(st.text(), st.text())
def test_whatever_stands_there_is_a_wait_within_bounds_or_none(value: str, date: str) -> None:
    seconds = read_retry_after({"retry-after": value, "date": date})

    assert seconds is None or 0.0 <= seconds <= MAX_S


def test_an_item_waits_for_as_long_as_its_target_asks_and_the_back_off_on_top() -> None:
    answer = Answered(0, 503, headers={"retry-after": "3"})

    decision = decide(make_entity(retries=1), make_item(), answer, attempts=1, spread=lambda: 1.0)

    assert decision == Again(0, 3.2)
