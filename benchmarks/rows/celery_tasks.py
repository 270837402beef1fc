"""A Celery task an item, on RabbitMQ: the usual way to take work out of a request. The broker's own cost is not counted."""

import os
import socket
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import children
from benchmarks.celery_app import BROKER_VARIABLE, DEFAULT_BROKER, QUEUE_VARIABLE, app, create
from benchmarks.row import Beside, Body, Call, Row, Sent

_READY_WITHIN_S = 30.0


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Queue a task for each item, then wait for every answer."""
    queue = call.beside["queue"]
    results = [create.apply_async((call.url, body), queue=queue) for body in bodies]
    return Sent(Counter(result.get(timeout=600) for result in results))


@contextmanager
def worker(call: Call) -> Iterator[Beside]:
    """Run a worker with a queue of its own, which goes with it."""
    queue = f"benchmarks-{uuid.uuid4().hex[:8]}"
    node = f"{queue}@localhost"
    arguments = children.module(
        "celery", "-A", "benchmarks.celery_app", "worker", "-n", node, "--pool", "threads", "--concurrency", call.connections,
        "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "-Q", queue,
    )  # fmt: skip
    log = Path(call.folder) / "celery.log"
    with children.child(arguments, log=log, environment={QUEUE_VARIABLE: queue}) as pid:
        _wait_ready(node, log)
        try:
            yield Beside({"worker": pid}, {"queue": queue})
        finally:
            with app.connection_for_write() as connection:
                connection.default_channel.queue_delete(queue)


def _wait_ready(node: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        if app.control.ping([node], timeout=0.5):
            return
    raise children.ChildError(f"the Celery worker is not ready: {log.read_text(errors='replace')[-500:]}")


def missing(call: Call) -> str | None:
    """Say that no broker answers."""
    url = os.environ.get(BROKER_VARIABLE, DEFAULT_BROKER)
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 5672), timeout=2).close()
    except OSError as error:
        return f"no RabbitMQ answers at {parts.hostname}:{parts.port or 5672} ({error}); {BROKER_VARIABLE} names another"
    return None


ROW = Row(60, "celery_tasks", "a Celery task an item, 16 threads", send, missing=missing, beside=worker, in_quick=False)
