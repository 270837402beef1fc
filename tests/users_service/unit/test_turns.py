import threading

import pytest

from users_service.adapters.turns import Turns


def test_never_more_than_the_limit_at_once() -> None:
    turns, pair, lock, inside, most = Turns(2), threading.Barrier(2), threading.Lock(), [0], [0]

    def work() -> None:
        with turns.taken():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            pair.wait(10)  # two are here at once
            with lock:
                inside[0] -= 1

    run(work, threads=6)
    assert most[0] == 2
    with turns.taken(), turns.taken():  # and all were given back
        pass


def test_who_comes_back_at_once_stands_behind_who_waits() -> None:
    turns, entered, order = Turns(1), threading.Event(), []

    def greedy() -> None:
        for round_no in range(3):
            with turns.taken():
                entered.set()
                if round_no == 0:
                    patient_waits(turns)
                order.append("greedy")

    def patient() -> None:
        entered.wait(10)
        with turns.taken():
            order.append("patient")

    run(greedy, patient)
    assert order == ["greedy", "patient", "greedy", "greedy"]


def test_an_error_gives_the_turn_back() -> None:
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turns.taken():
            _ = 1 / 0


def patient_waits(turns: Turns) -> None:
    """Return when somebody stands in the line."""
    deadline = threading.Event()
    for _ in range(1000):
        if turns.waiting:
            return
        deadline.wait(0.01)
    raise AssertionError("nobody came")


def run(*work: object, threads: int = 1) -> None:
    started = [threading.Thread(target=each) for each in work for _ in range(threads)]  # type: ignore[arg-type]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join(30)
        assert not thread.is_alive()
