from batch_service.adapters.fan_out import LibcurlFanOut
from batch_service.domain.attempt import Answered
from tests.batch_service.making import make_entity, make_request
from tests.batch_service.raw_target import RawTarget
from tests.batch_service.sending import Send


def test_hundreds_of_requests_share_a_few_kept_alive_connections(fan_out: LibcurlFanOut, send: Send, target: RawTarget) -> None:
    entity = make_entity(url=target.url, concurrency=4)
    outcomes = send(entity, [make_request(n, url=target.url) for n in range(400)])
    assert all(isinstance(outcome, Answered) and outcome.status == 200 for outcome in outcomes)
    assert len(target.asked) == 400
    assert 1 <= target.accepted <= 4
    assert fan_out.connections_opened == target.accepted


def test_connections_are_kept_from_one_exchange_to_the_next(send: Send, target: RawTarget) -> None:
    entity = make_entity(url=target.url, concurrency=2)
    for _ in range(5):
        send(entity, [make_request(n, url=target.url) for n in range(10)])
    assert target.accepted <= 2


def test_writes_without_a_body_stay_within_the_cap(send: Send, target: RawTarget) -> None:
    """Each has a connection of its own, since libcurl could send it twice over one that is kept alive."""
    entity = make_entity(url=target.url, concurrency=3)
    send(entity, [make_request(n, url=target.url) for n in range(9)])
    send(entity, [make_request(n, url=target.url, body=None) for n in range(30)])
    assert len(target.asked) == 39
    assert target.most_open <= 2 * 3  # the target sees an end a moment after the next beginning
