"""The fan-out alone, without jobs, stores and gates: what libcurl and the code around it take."""

from collections import Counter
from collections.abc import Sequence

import orjson

from batch_service.adapters.fan_out import LibcurlFanOut
from batch_service.domain.attempt import Answered, Outcome, Request
from batch_service.domain.entity import Entity
from benchmarks.row import Body, Call, Row, Sent

_ENOUGH = 64
_HEADERS = {"content-type": "application/json", "accept": "application/json"}


class _OpenGate:
    """Lets everything through."""

    def enter(self, entity: Entity) -> bool:
        return True

    def give_back(self, entity: Entity) -> None:
        pass

    def leave(self, entity: Entity, outcomes: Sequence[Outcome]) -> None:
        pass

    def share(self, entity: Entity) -> int:
        return entity.concurrency


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Hand all to one exchange, and collect."""
    entity = Entity(call.entity, call.url, frozenset({"POST"}), concurrency=call.connections)
    exchange = LibcurlFanOut(_OpenGate()).open(entity)
    exchange.send([Request(index, "POST", call.url, _HEADERS, orjson.dumps(body)) for index, body in enumerate(bodies)])
    codes: Counter[int] = Counter()
    while codes.total() < len(bodies):
        for outcome in exchange.collect(10.0, enough=_ENOUGH):
            codes[outcome.status if isinstance(outcome, Answered) else 0] += 1
    return Sent(codes)


ROW = Row(100, "fan_out", "the fan-out alone", send, targets=frozenset({"nginx"}), is_ours=True)
