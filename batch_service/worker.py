"""The embedded worker's process: runs until SIGTERM, hands back what it has not sent, and ends within a limit."""

import signal
import threading

from batch_service import bootstrap, worker_process
from batch_service.settings import Settings


def main(settings: Settings) -> None:
    """Run the worker until it is told to stop; raise RegistryError or KeyRingError if one of them cannot be used."""
    worker_process.configure_logging()
    database = bootstrap.make_database(settings)
    worker = bootstrap.make_worker(settings, database)
    bootstrap.check_keys(settings, database)
    stop = threading.Event()

    def on_signal(signum: int, frame: object) -> None:
        stop.set()
        worker.bell.ring()
        worker_process.end_within(settings.drain_s)

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    worker_process.begin(settings, database, worker.bell)
    worker(stop.is_set)
