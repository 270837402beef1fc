import os

import pytest

from batch_service.adapters.fan_out import LibcurlFanOut
from batch_service.domain.attempt import Answered
from tests.batch_service.making import make_entity, make_request
from tests.batch_service.raw_target import RawTarget
from tests.batch_service.sending import Send, collect_all


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # from Python 3.12 on: forking with threads is the point here
def test_a_child_opens_connections_of_its_own_and_spoils_none_of_its_parent(
    fan_out: LibcurlFanOut, send: Send, target: RawTarget
) -> None:
    entity = make_entity(url=target.url, concurrency=2)
    requests = [make_request(n, url=target.url) for n in range(20)]
    send(entity, requests)
    before = target.accepted

    child = os.fork()
    if child == 0:
        ended_well = False
        try:
            exchange = fan_out.open(entity)
            exchange.send(requests)
            ended_well = all(isinstance(outcome, Answered) for outcome in collect_all(exchange, 20).values())
        finally:
            os._exit(0 if ended_well else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    after_child = target.accepted
    assert before < after_child

    assert all(isinstance(outcome, Answered) for outcome in send(entity, requests))
    assert target.accepted == after_child
