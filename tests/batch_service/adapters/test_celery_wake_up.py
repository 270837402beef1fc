import logging
import os
import socket
import time
from urllib.parse import urlsplit

import pytest

from batch_service.adapters.celery_app import make_celery
from batch_service.adapters.celery_wake_up import CeleryWakeUp
from tests.batch_service.forwarder import Forwarder
from tests.batch_service.waiting import eventually
from tests.brokers import Broker

AWAY = ["amqp://user:s3cret@127.0.0.1:{port}//", "redis://:s3cret@127.0.0.1:{port}/0"]


def wake_up(url: str, queue: str = "nobody") -> CeleryWakeUp:
    return CeleryWakeUp(make_celery(url, queue, concurrency=1, longest_attempt_s=1, drain_s=1), answer_s=0.5)


def rings_s(bell: CeleryWakeUp) -> float:
    before = time.monotonic()
    for _ in range(20):
        bell.ring(100)
    return time.monotonic() - before


@pytest.mark.parametrize(("chunks", "messages"), [(1, 1), (3, 3), (1_000, 8)])
def test_a_ring_is_a_message_for_each_chunk_but_not_too_many(broker: Broker, chunks: int, messages: int) -> None:
    wake_up(broker.url, broker.queue).ring(chunks)
    eventually(lambda: broker.waiting == messages)


@pytest.mark.parametrize("url", AWAY)
def test_a_broker_that_is_away_is_told_of_once(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with Forwarder(0) as nothing:
        bell = wake_up(url.format(port=nothing.port))
        for _ in range(3):
            assert rings_s(bell) < 0.2
            eventually(lambda: bell.is_idle and "takes no messages" in caplog.text)
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [warning.name for warning in warnings] == ["batch_service.adapters.celery_wake_up"]
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("url", AWAY)
def test_a_broker_that_never_answers_holds_nobody(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        bell = wake_up(url.format(port=black_hole.getsockname()[1]))
        assert rings_s(bell) < 0.2
        eventually(lambda: bell.is_idle and "takes no messages" in caplog.text, within_s=4)


def test_a_broker_that_comes_back_is_rung_at_again(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    parts = urlsplit(broker.url)
    assert parts.port is not None
    with Forwarder(parts.port) as way:
        bell = wake_up(broker.url.replace(f":{parts.port}", f":{way.port}"), broker.queue)
        bell.ring()
        eventually(lambda: "takes no messages" in caplog.text)
        way.open()
        bell.ring(2)
        eventually(lambda: broker.waiting == 2)
        assert "answers again" in caplog.text
        way.cut()
        way.open()

        def arrives() -> bool:
            bell.ring()  # the first may be written to the connection that is broken, and nobody hears of it
            return broker.waiting >= 3

        eventually(arrives)


def test_a_child_rings_over_a_connection_of_its_own(broker: Broker) -> None:
    bell = wake_up(broker.url, broker.queue)
    bell.ring()
    eventually(lambda: broker.waiting == 1)
    child = os.fork()
    if child == 0:
        try:
            bell.ring()
            eventually(lambda: bell.is_idle)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    bell.ring()
    eventually(lambda: broker.waiting == 3)


def test_a_message_tells_nothing_but_that_there_is_work(broker: Broker) -> None:
    wake_up(broker.url, broker.queue).ring()
    eventually(lambda: broker.waiting == 1)
    message = broker.take()
    assert message.payload[:2] == [[], {}]
    assert message.headers["task"] == "batch_service.work"
    assert message.headers["expires"]
