from batch_service.domain.retry_budget import RetryBudget


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def spend_all(budget: RetryBudget) -> int:
    spent = 0
    while spent < 10_000 and budget.spend():
        spent += 1
    return spent


def test_a_burst_of_retries_is_bounded() -> None:
    assert spend_all(RetryBudget(Clock())) == 100


def test_five_successes_earn_one_retry() -> None:
    budget = RetryBudget(Clock())
    spend_all(budget)
    for _ in range(52):
        budget.earn()
    assert spend_all(budget) == 10


def test_a_few_a_second_are_always_to_be_had() -> None:
    clock = Clock()
    budget = RetryBudget(clock)
    spend_all(budget)
    clock.now = 2.0
    assert spend_all(budget) == 20


def test_nothing_is_saved_up_for_ever() -> None:
    clock = Clock()
    budget = RetryBudget(clock)
    for _ in range(10_000):
        budget.earn()
    clock.now = 1e6
    assert spend_all(budget) == 100
