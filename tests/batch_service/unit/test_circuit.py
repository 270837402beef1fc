import pytest

from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent, Outcome
from batch_service.domain.circuit import Circuit, Hold, Reason, is_away

DOWN = NotSent(0, Fault.UNREACHABLE)
GOOD = Answered(0, 201)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    return Circuit(clock)


def take(circuit: Circuit, *outcomes: Outcome) -> None:
    for outcome in outcomes:
        circuit.take(outcome)


def try_once(circuit: Circuit, clock: Clock, outcome: Outcome) -> None:
    """Let the hold pass, and send one item to see."""
    assert circuit.hold
    clock.now += circuit.hold.for_s
    assert circuit.wants_trial
    circuit.is_trying = True
    circuit.take(outcome)


@pytest.mark.parametrize(
    "bad",
    [
        *(NotSent(0, fault) for fault in (Fault.UNREACHABLE, Fault.NAME_UNKNOWN, Fault.TLS_FAILED)),
        MaybeApplied(0, Fault.TIMED_OUT),
        MaybeApplied(0, Fault.BROKEN),
        *(Answered(0, status) for status in (429, 502, 503, 504)),
    ],
)
def test_five_bad_ends_in_a_row_hold_a_target(circuit: Circuit, bad: Outcome) -> None:
    take(circuit, *[bad] * 4)
    assert (circuit.hold, circuit.limit(8)) == (None, 8)
    take(circuit, bad)
    assert circuit.hold
    assert circuit.hold.for_s == pytest.approx(0.5)
    assert circuit.limit(8) == 0
    assert circuit.has_news


@pytest.mark.parametrize("good", [GOOD, Answered(0, 404), Answered(0, 409), Answered(0, 500), Answered(0, 304)])
def test_an_answer_of_the_target_starts_the_count_anew(circuit: Circuit, good: Outcome) -> None:
    take(circuit, *[DOWN] * 4, good, *[DOWN] * 4)
    assert circuit.hold is None
    take(circuit, DOWN)
    assert circuit.hold


@pytest.mark.parametrize("nothing", [NotSent(0, Fault.ADDRESS_REFUSED), MaybeApplied(0, Fault.TOO_LARGE)])
def test_what_says_nothing_about_the_target_counts_for_nothing(circuit: Circuit, nothing: Outcome) -> None:
    take(circuit, *[nothing] * 20, *[DOWN] * 4, nothing)
    assert circuit.hold is None
    take(circuit, DOWN)
    assert circuit.hold


def test_one_item_finds_out_whether_it_has_come_back(circuit: Circuit, clock: Clock) -> None:
    take(circuit, *[DOWN] * 5)
    clock.now += 0.4
    assert not circuit.wants_trial
    clock.now += 0.2
    assert circuit.wants_trial
    assert (circuit.hold, circuit.limit(8)) == (None, 0)
    circuit.is_trying = True
    assert circuit.limit(8) == 1
    circuit.has_news = False
    take(circuit, GOOD)
    assert (circuit.limit(8), circuit.has_news, circuit.trips) == (8, True, 0)


def test_each_failed_trial_holds_it_for_twice_as_long_up_to_half_a_minute(circuit: Circuit, clock: Clock) -> None:
    take(circuit, *[DOWN] * 5)
    held_s = []
    for _ in range(9):
        assert circuit.hold
        held_s.append(circuit.hold.for_s)
        try_once(circuit, clock, DOWN)
    assert held_s == pytest.approx([0.5, 1, 2, 4, 8, 16, 30, 30, 30])


def test_a_target_may_be_away_for_as_long_as_it_likes(circuit: Circuit, clock: Clock) -> None:
    circuit.learn(Hold(1.0, Reason.FAILING, 5_000))
    try_once(circuit, clock, DOWN)
    assert circuit.hold
    assert circuit.hold.for_s == pytest.approx(30.0)


def test_who_waits_is_told_so_once_it_has_failed_for_a_while(circuit: Circuit, clock: Clock) -> None:
    take(circuit, *[DOWN] * 5)
    told = []
    for _ in range(4):
        assert circuit.hold
        told.append(circuit.hold.fails_fast)
        try_once(circuit, clock, DOWN)
    assert told == [False, False, True, True]


def test_what_left_before_the_hold_tells_nothing(circuit: Circuit) -> None:
    take(circuit, *[DOWN] * 5, GOOD, *[DOWN] * 20)
    assert circuit.trips == 1
    assert circuit.hold


@pytest.mark.parametrize(("headers", "for_s"), [({"retry-after": "7"}, 7.0), ({"retry-after": "999999"}, 300.0), ({}, 0.5)])
def test_a_target_that_throttles_is_left_alone_for_as_long_as_it_asks(
    circuit: Circuit, headers: dict[str, str], for_s: float
) -> None:
    take(circuit, *[Answered(0, 429, headers=headers)] * 5)
    assert circuit.hold
    assert circuit.hold.reason is Reason.THROTTLED
    assert circuit.hold.for_s == pytest.approx(for_s)


def test_who_waits_goes_on_waiting_for_a_target_that_throttles(circuit: Circuit, clock: Clock) -> None:
    take(circuit, *[Answered(0, 429)] * 5)
    for _ in range(5):
        try_once(circuit, clock, Answered(0, 429))
    assert circuit.hold
    assert not circuit.hold.fails_fast


def test_what_all_workers_know_is_taken_over(circuit: Circuit) -> None:
    circuit.learn(Hold(3.0, Reason.FAILING, 4))
    assert circuit.hold == Hold(3.0, Reason.FAILING, 4)
    circuit.learn(Hold(-1.0, Reason.FAILING, 4))
    assert circuit.wants_trial
    circuit.learn(None)
    assert circuit.limit(8) == 8


def test_news_of_its_own_is_not_overwritten_before_the_others_have_it(circuit: Circuit) -> None:
    take(circuit, *[DOWN] * 5)
    circuit.learn(None)
    assert circuit.hold


@pytest.mark.parametrize(
    ("outcome", "away"),
    [
        (DOWN, True),
        (Answered(0, 503), True),
        (Answered(0, 429), True),
        (Answered(0, 502), False),
        (Answered(0, 504), False),
        (MaybeApplied(0, Fault.TIMED_OUT), False),
        (NotSent(0, Fault.ADDRESS_REFUSED), False),
    ],
)
def test_whether_any_other_item_would_have_failed_too(outcome: Outcome, away: bool) -> None:
    assert is_away(outcome) is away
