import time
from collections.abc import Callable, Sequence

from batch_service.domain.attempt import Outcome, Request
from batch_service.domain.entity import Entity
from batch_service.domain.ports import Exchange

Send = Callable[[Entity, Sequence[Request]], list[Outcome]]


def collect_all(exchange: Exchange, expected: int, *, within_s: float = 20.0) -> dict[int, Outcome]:
    deadline = time.monotonic() + within_s
    outcomes: dict[int, Outcome] = {}
    while len(outcomes) < expected:
        assert time.monotonic() < deadline, f"{len(outcomes)} of {expected} outcomes came"
        for outcome in exchange.collect(0.2, enough=1):
            assert outcome.index not in outcomes
            outcomes[outcome.index] = outcome
    return outcomes
