"""The worker's process: runs until SIGTERM, hands back what it has not sent, and ends within a limit."""

import logging
import os
import signal
import threading

from batch_service import bootstrap
from batch_service.settings import Settings
from servicekit import lifeline


def main(settings: Settings) -> None:
    """Run the worker until it is told to stop; raise RegistryError if the registry cannot be used."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    database = bootstrap.make_database(settings)
    worker = bootstrap.make_worker(settings, database)
    stop = threading.Event()

    def on_signal(signum: int, frame: object) -> None:
        stop.set()
        worker.bell.ring()
        threading.Thread(target=_end_late, args=(settings.drain_s,), daemon=True).start()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    lifeline.watch(lambda: os._exit(1))
    bootstrap.make_housekeeping(settings, database).ensure_started()
    worker(stop.is_set)


def _end_late(after_s: float) -> None:
    """What is still in flight then stays leased; another worker takes it up when the lease has run out."""
    threading.Event().wait(after_s)
    os._exit(1)
