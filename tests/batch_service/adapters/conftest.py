from collections.abc import Iterator, Sequence

import pytest

from batch_service.adapters.fan_out import LibcurlFanOut
from batch_service.domain.attempt import Outcome, Request
from batch_service.domain.entity import Entity
from tests.batch_service.open_gate import OpenGate
from tests.batch_service.raw_target import RawTarget
from tests.batch_service.sending import Send, collect_all


@pytest.fixture
def fan_out() -> LibcurlFanOut:
    return LibcurlFanOut(OpenGate())


@pytest.fixture
def target() -> Iterator[RawTarget]:
    with RawTarget() as target:
        yield target


@pytest.fixture
def send(fan_out: LibcurlFanOut) -> Send:
    """Send requests to an entity and return their outcomes in the order of the requests."""

    def _send(entity: Entity, requests: Sequence[Request]) -> list[Outcome]:
        exchange = fan_out.open(entity)
        exchange.send(requests)
        outcomes = collect_all(exchange, len(requests))
        return [outcomes[request.index] for request in requests]

    return _send
