"""RabbitMQ and Redis for the tests: those that answer, with a queue of each test's own."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from amqp.exceptions import NotFound
from kombu import Connection, Queue

from batch_service.adapters.celery_app import WORK, make_celery

URLS = {
    "amqp": os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//"),
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0"),
}


class NoBrokerError(Exception):
    """The broker does not answer; the text says which."""


@dataclass(frozen=True)
class Broker:
    url: str
    queue: str

    @property
    def settings(self) -> dict[str, str]:
        return {"BROKER_URL": self.url, "BROKER_QUEUE": self.queue}

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        with Connection(self.url, connect_timeout=3, transport_options={"max_retries": 1}) as connection:
            yield connection.default_channel

    @property
    def waiting(self) -> int:
        """How many messages no worker has taken; 0 where there is no queue."""
        with self._channel() as channel:
            if self.is_redis:
                return int(channel.client.llen(self.queue))
            try:
                return int(channel.queue_declare(self.queue, passive=True).message_count)
            except NotFound:
                return 0

    @property
    def is_redis(self) -> bool:
        return self.url.startswith("redis")

    def send(self, messages: int) -> None:
        """Send wake-ups, as the service does."""
        app = make_celery(self.url, self.queue, concurrency=1, longest_attempt_s=1, drain_s=1)
        with app.connection_for_write() as connection:
            producer = app.amqp.Producer(connection)
            for _ in range(messages):
                app.send_task(WORK, producer=producer, retry=False, ignore_result=True)

    def take(self) -> Any:
        """Take the next message, as no worker would."""
        with self._channel() as channel:
            return Queue(self.queue, channel=channel).get(no_ack=True)

    def everything(self) -> list[bytes]:
        """Read all that a Redis holds, whoever put it there."""
        readers: dict[str, Callable[[Any, bytes], list[Any]]] = {
            "string": lambda client, key: [client.get(key)],
            "list": lambda client, key: client.lrange(key, 0, -1),
            "set": lambda client, key: client.smembers(key),
            "zset": lambda client, key: client.zrange(key, 0, -1),
            "hash": lambda client, key: [part for pair in client.hgetall(key).items() for part in pair],
        }
        with self._channel() as channel:
            client = channel.client
            values = [(key, readers[client.type(key).decode()](client, key)) for key in client.scan_iter()]
        return [bytes(value) for key, found in values for value in (key, *found) if value is not None]

    def delete_queue(self) -> None:
        with self._channel() as channel:
            channel.queue_delete(self.queue)

    def remove(self) -> None:
        """Leave nothing behind."""
        with self._channel() as channel:
            channel.queue_delete(self.queue)
            channel.exchange_delete(self.queue)
            if self.is_redis:
                own = [f"{self.queue}.{name}" for name in ("unacked", "unacked_index", "unacked_mutex")]
                kombus = [f"_kombu.{name}.{self.queue}" for name in ("binding", "binding_permanent")]
                channel.client.delete(self.queue, *own, *kombus)


def find(kind: str) -> str:
    """Return the address of a broker that answers; raise NoBrokerError."""
    try:
        with Connection(URLS[kind], connect_timeout=3, transport_options={"socket_connect_timeout": 3}) as connection:
            connection.ensure_connection(max_retries=1)
    except Exception as error:  # each transport has errors of its own
        raise NoBrokerError(f"no {kind} broker answers ({type(error).__name__})") from None
    return URLS[kind]


@contextmanager
def fresh_queue(url: str) -> Iterator[Broker]:
    """Yield a broker with a queue that nobody else uses; remove it afterwards."""
    broker = Broker(url, f"test-{uuid.uuid4().hex}")
    try:
        yield broker
    finally:
        broker.remove()
