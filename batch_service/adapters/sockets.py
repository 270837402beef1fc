"""Which sockets libcurl waits for, with as few calls into the kernel as can be.

libcurl lets go of a socket at the end of each request and takes it up again at the start of the next. To follow it there costs
more than the request does: a socket stays with the selector until something comes that nobody waits for, or until a new one
is opened, which may have the number of one that was closed.
"""

import os
from collections.abc import Iterator
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from typing import Protocol

import pycurl

_EVENTS = {pycurl.POLL_IN: EVENT_READ, pycurl.POLL_OUT: EVENT_WRITE, pycurl.POLL_INOUT: EVENT_READ | EVENT_WRITE}
_READY = {
    EVENT_READ: pycurl.CSELECT_IN,
    EVENT_WRITE: pycurl.CSELECT_OUT,
    EVENT_READ | EVENT_WRITE: pycurl.CSELECT_IN | pycurl.CSELECT_OUT,
}


class Owner(Protocol):
    """Whose socket it is."""

    def act(self, fd: int, ready: int) -> None:
        """Move on the transfer whose socket is ready."""


class Sockets:
    """The sockets of all lanes of a process, and the bell that ends a wait for them; for the thread that drives libcurl."""

    def __init__(self) -> None:
        self._bell, self._rope = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._rope, False)
        self._selector = DefaultSelector()
        self._selector.register(self._bell, EVENT_READ)
        self._registered: dict[int, tuple[Owner, int]] = {}
        self._followed: set[int] = set()

    def ring(self) -> None:
        """End the wait; for any thread."""
        try:
            os.write(self._rope, b"!")
        except BlockingIOError:  # so many rings that one more says nothing new
            return

    def follow(self, owner: Owner, what: int, fd: int) -> None:
        """From now on libcurl waits for this of a socket (CURLMOPT_SOCKETFUNCTION), or for nothing any more."""
        if what == pycurl.POLL_REMOVE:
            self._followed.discard(fd)
            return
        self._followed.add(fd)
        wanted = (owner, _EVENTS[what])
        if self._registered.get(fd) != wanted:
            self._forget(fd)
            self._selector.register(fd, _EVENTS[what], owner)
            self._registered[fd] = wanted

    def forget_idle(self) -> None:
        """A socket is about to be opened: its number may be that of one that was closed since libcurl let go of it."""
        for fd in self._registered.keys() - self._followed:
            self._forget(fd)

    def wait(self, timeout_s: float) -> Iterator[tuple[Owner, int, int]]:
        """Yield the sockets that are ready, each with its owner and what libcurl is to be told of it."""
        for key, events in self._selector.select(timeout_s):
            if key.fd in self._followed:
                yield key.data, key.fd, _READY[events]
            elif key.fd == self._bell:
                os.read(self._bell, 4096)
            else:
                self._forget(key.fd)

    def _forget(self, fd: int) -> None:
        if self._registered.pop(fd, None) is not None:
            self._selector.unregister(fd)
