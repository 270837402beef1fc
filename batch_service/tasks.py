"""The worker that a broker wakes: `celery -A batch_service.tasks worker`, or `batch-service worker` with BROKER_URL set."""

import logging
import os
import sys
import threading
import time
from uuid import uuid4

from celery.signals import setup_logging, worker_init, worker_shutdown, worker_shutting_down
from environs import EnvError

from batch_service import bootstrap, worker_process
from batch_service.domain.errors import KeyRingError, RegistryError
from batch_service.settings import read_settings

try:
    _settings = read_settings()
    app = bootstrap.make_broker_app(_settings)
    _database = bootstrap.make_database(_settings)
    _work = bootstrap.make_work(_settings, _database)
    bootstrap.check_keys(_settings, _database)
except (EnvError, RegistryError, KeyRingError) as error:
    sys.stderr.write(f"batch-service: {error}\n")
    sys.exit(2)
_wake_up = bootstrap.make_wake_up(_settings)
_stopping = threading.Event()


@app.task(name=bootstrap.WORK)
def work() -> None:
    """Run chunks until none can be claimed; when the slice is over, hand back what is unsent and ring for it."""
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
    worker_process.begin(_settings, _database, _wake_up)
    bootstrap.make_look_for_work(_settings, _work, _stopping.is_set).ensure_started()


@worker_shutting_down.connect
def _stop(**_: object) -> None:
    _stopping.set()
    worker_process.end_within(_settings.drain_s)


@worker_shutdown.connect
def _end(**_: object) -> None:
    _work.close()
