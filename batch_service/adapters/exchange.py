"""The conversation of one chunk with one target, between the thread that runs the chunk and the one that drives libcurl."""

import threading
from collections import deque
from collections.abc import Callable, Sequence

from batch_service.domain.attempt import Outcome, Request


class LibcurlExchange:
    """Requests go in at one end and outcomes come back; `queue` is called when there is something to send."""

    def __init__(self, queue: Callable[["LibcurlExchange"], None]) -> None:
        self._queue = queue
        self._came = threading.Condition()
        self._outcomes: list[Outcome] = []
        self._underway = 0
        self._enough = 1
        self.unsent: deque[Request] = deque()

    def send(self, requests: Sequence[Request]) -> None:
        """Queue requests behind those of this exchange; exchanges of one target take turns."""
        with self._came:
            self._underway += len(requests)
        self.unsent.extend(requests)
        self._queue(self)

    def collect(self, timeout_s: float, *, enough: int) -> list[Outcome]:
        """Return what has come since the last call; wait up to the time-out for so many, or for the last."""
        with self._came:
            self._enough = enough
            self._came.wait_for(self._is_worth_a_turn, timeout_s)
            taken, self._outcomes = self._outcomes, []
        return taken

    def recall(self) -> list[int]:
        """Take back what has not left yet; return the positions."""
        recalled: list[int] = []
        while self.unsent:
            try:
                recalled.append(self.unsent.pop().index)
            except IndexError:  # the other thread took the last one
                break
        with self._came:
            self._underway -= len(recalled)
        return recalled

    def deliver(self, outcomes: Sequence[Outcome]) -> None:
        """Take in outcomes; called by the thread that drives libcurl."""
        with self._came:
            self._outcomes.extend(outcomes)
            self._underway -= len(outcomes)
            if self._is_worth_a_turn():
                self._came.notify()

    def _is_worth_a_turn(self) -> bool:
        # A change of thread for each outcome would cost more than the outcome.
        return len(self._outcomes) >= self._enough or (self._underway == 0 and bool(self._outcomes))
