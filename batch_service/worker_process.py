"""What every process that works does, however it is woken: it logs, keeps house, and ends when it should."""

import logging
import os
import threading

from batch_service import bootstrap
from batch_service.domain.ports import WakeUp
from batch_service.settings import Settings
from servicekit import garbage, lifeline
from servicekit.database import Database


def configure_logging() -> None:
    """Log to standard error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def begin(settings: Settings, database: Database, wake_up: WakeUp) -> None:
    """Keep house beside the work; end at once when whoever started the process is gone; collect garbage seldom."""
    lifeline.watch(lambda: os._exit(1))
    bootstrap.make_housekeeping(settings, database, wake_up).ensure_started()
    garbage.collect_seldom()


def end_within(limit_s: float) -> None:
    """See that the process ends; what is still in flight then stays leased, and another worker takes it up."""
    threading.Thread(target=_end_late, args=(limit_s,), daemon=True).start()


def _end_late(after_s: float) -> None:
    threading.Event().wait(after_s)
    os._exit(1)
