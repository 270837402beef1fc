"""The worker that a broker wakes: `celery -A batch_service.tasks worker`, or `batch-service worker` with BROKER_URL set."""

import logging
import os
import threading
import time
from uuid import uuid4

from celery.signals import setup_logging, worker_init, worker_shutting_down

from batch_service import bootstrap, worker_process
from batch_service.settings import read_settings

_settings = read_settings()
_database = bootstrap.make_database(_settings)
_work = bootstrap.make_work(_settings, _database)
_wake_up = bootstrap.make_wake_up(_settings)
_stopping = threading.Event()
app = bootstrap.make_broker_app(_settings)


@app.task(name=bootstrap.WORK)
def work() -> None:
    """Run chunks until none can be claimed; when the slice is over hand back what is unsent, and leave it to another message."""
    ends_at = time.monotonic() + bootstrap.SLICE_S
    _work.drain(lambda: _stopping.is_set() or time.monotonic() > ends_at)
    if _stopping.is_set() or time.monotonic() > ends_at:
        _wake_up.ring()


def main() -> None:
    """Run the Celery worker until it is told to stop, under a name that no other one has."""
    app.worker_main(["worker", "--hostname", f"batch-{os.getpid()}-{uuid4().hex[:8]}@%h"])


@setup_logging.connect
def _configure_logging(**_: object) -> None:
    worker_process.configure_logging()
    for of_each_message in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(of_each_message).setLevel(logging.WARNING)


@worker_init.connect
def _begin(**_: object) -> None:
    worker_process.begin(_settings, _database)
    look = bootstrap.make_look_for_work(_settings, _work, _stopping.is_set)
    look.ensure_started()


@worker_shutting_down.connect
def _stop(**_: object) -> None:
    _stopping.set()
    worker_process.end_within(_settings.drain_s)
