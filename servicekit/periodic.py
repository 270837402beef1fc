"""Something done again and again in the background of a process, beside whatever else it does."""

import logging
import os
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Periodic:
    """Calls a function every so many seconds, from a thread that is started at first use and again after a fork.

    Whoever sets `wake` has it called at once.
    """

    def __init__(self, work: Callable[[], None], *, every_s: float, name: str, wake: threading.Event | None = None) -> None:
        self._work = work
        self._every_s = every_s
        self._name = name
        self._wake = wake or threading.Event()
        self._lock = threading.Lock()
        self._pid = 0
        self._thread: threading.Thread | None = None
        self._stopped = False

    def ensure_started(self) -> None:
        """Start the thread of this process, if it has none yet."""
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread of this process, if it has one, and wait for what it is doing."""
        self._stopped = True
        self._wake.set()
        if self._thread is not None and self._pid == os.getpid():
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._wake.wait(self._every_s)
            if self._stopped:
                return
            self._wake.clear()
            try:
                self._work()
            except Exception as error:  # it is done again: whatever kept it from being done may have passed
                _log.warning("%s failed: %s", self._name, str(error).partition("\n")[0])
