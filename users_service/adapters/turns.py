"""Turns at a scarce thing, first come, first served."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Turns:
    """At most `limit` at once; whoever ends hands the turn to who has waited longest.

    A semaphore of the standard library lets a thread that comes back at once pass those who wait: beside a call that hashes a
    thousand passwords a log-in would wait for them all.
    """

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._waiting: deque[Lock] = deque()
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """Say how many stand in the line."""
        return len(self._waiting)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn, and hand it on at the end."""
        self._wait()
        try:
            yield
        finally:
            self._hand_on()

    def _wait(self) -> None:
        called = Lock()
        with self._lock:
            if self._free:
                self._free -= 1
                return
            called.acquire()
            self._waiting.append(called)
        called.acquire()

    def _hand_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
