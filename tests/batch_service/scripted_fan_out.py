"""A fan-out in memory: a test says how each attempt ends. conformance/test_fan_out.py holds it to what libcurl's does."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence

from batch_service.domain.attempt import Answered, Outcome, Request
from batch_service.domain.entity import Entity
from tests.batch_service.waiting import eventually

Script = Callable[[Request, int], Outcome | None]
"""The outcome of an attempt, the n-th of its item from 1; None keeps it on its way until `finish` is called."""


def created(request: Request, attempt: int) -> Outcome:
    return Answered(request.index, 201, "application/json", {}, b"{}")


def always(outcome: Outcome) -> Script:
    return lambda *_: outcome


def keep(request: Request, attempt: int) -> None:
    return None


class ScriptedFanOut:
    connections_opened = 0

    def __init__(self, script: Script = created) -> None:
        self.script = script
        self.sent: list[Request] = []
        self.exchanges: list[ScriptedExchange] = []

    def open(self, entity: Entity) -> "ScriptedExchange":
        self.exchanges.append(ScriptedExchange(self, entity.concurrency))
        return self.exchanges[-1]

    def finish(self, outcome: Outcome) -> None:
        """End the attempt that is on its way, or will be in a moment."""

        def on_its_way() -> list[ScriptedExchange]:
            return [exchange for exchange in self.exchanges if outcome.index in exchange.on_their_way]

        eventually(on_its_way)
        on_its_way()[0].finish(outcome)

    def let_go(self, script: Script = created) -> None:
        """End whatever is on its way, and what follows, as this script says."""
        self.script = script
        for exchange in self.exchanges:
            for request in exchange.held():
                outcome = script(request, 1)
                assert outcome is not None
                exchange.finish(outcome)


class ScriptedExchange:
    def __init__(self, fan_out: ScriptedFanOut, concurrency: int) -> None:
        self.on_their_way: dict[int, Request] = {}
        self._fan_out = fan_out
        self._concurrency = concurrency
        self._unsent: deque[Request] = deque()
        self._attempts: Counter[int] = Counter()
        self._outcomes: list[Outcome] = []
        self._came = threading.Condition(threading.RLock())

    def send(self, requests: Sequence[Request]) -> None:
        with self._came:
            self._unsent.extend(requests)
            self._start()

    def collect(self, timeout_s: float, *, enough: int) -> list[Outcome]:
        with self._came:
            self._came.wait_for(lambda: self._outcomes, timeout_s)
            taken, self._outcomes = self._outcomes, []
            return taken

    def recall(self) -> list[int]:
        with self._came:
            recalled = [request.index for request in self._unsent]
            self._unsent.clear()
            return recalled

    def held(self) -> list[Request]:
        with self._came:
            return list(self.on_their_way.values())

    @property
    def waiting(self) -> int:
        """How many have not left."""
        return len(self._unsent)

    def finish(self, outcome: Outcome) -> None:
        with self._came:
            del self.on_their_way[outcome.index]
            self._outcomes.append(outcome)
            self._start()
            self._came.notify()

    def _start(self) -> None:
        while self._unsent and len(self.on_their_way) < self._concurrency:
            request = self._unsent.popleft()
            self._fan_out.sent.append(request)
            self._attempts[request.index] += 1
            outcome = self._fan_out.script(request, self._attempts[request.index])
            if outcome is None:
                self.on_their_way[request.index] = request
            else:
                self._outcomes.append(outcome)
                self._came.notify()
