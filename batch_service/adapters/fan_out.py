"""Many requests over few kept-alive connections: one thread drives libcurl's multi interface for the whole process.

Whoever runs a chunk hands its requests to that thread and collects the outcomes. A `CurlMulti` belongs to one thread of one
process: each target has its own, made at first use, after any fork, and driven by that thread alone.
"""

import logging
import os
import threading
from functools import partial

from batch_service.adapters.exchange import LibcurlExchange
from batch_service.adapters.lane import Lane
from batch_service.adapters.sockets import Sockets
from batch_service.domain.entity import Entity
from batch_service.domain.gate import Gate

_LONGEST_SLEEP_S = 1.0
_log = logging.getLogger(__name__)


class LibcurlFanOut:
    """Sends requests to any number of targets, each over its own few connections."""

    _sockets: Sockets

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lanes: dict[Entity, Lane] = {}
        self._inherited: list[dict[Entity, Lane]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0

    @property
    def connections_opened(self) -> int:
        """TCP connections opened to targets since the process began."""
        return sum(lane.connections_opened for lane in list(self._lanes.values()))

    def open(self, entity: Entity) -> LibcurlExchange:
        """Begin an exchange with the entity's target."""
        with self._lock:
            self._ensure_thread()
            lane = self._lanes.get(entity)
            if lane is None:
                lane = self._lanes[entity] = Lane(entity, self._gate, self._sockets)
            return LibcurlExchange(partial(self._queue, lane))

    def _queue(self, lane: Lane, exchange: LibcurlExchange) -> None:
        lane.enter(exchange)
        self._sockets.ring()

    def _ensure_thread(self) -> None:
        if self._thread is not None and self._pid == os.getpid():
            return
        self._pid = os.getpid()
        self._inherited.append(self._lanes)  # after a fork: to close what is the parent's would end its conversations
        self._lanes = {}
        self._sockets = Sockets()
        self._thread = threading.Thread(target=self._drive_or_end, name="fan-out", daemon=True)
        self._thread.start()

    def _drive_or_end(self) -> None:
        """A worker that cannot send is worse than none: its leases run out, and whoever tends it starts it again."""
        try:
            self._drive()
        except BaseException:
            _log.critical("the fan-out broke; this worker ends", exc_info=True)
            os._exit(70)

    def _drive(self) -> None:
        busy = False
        while True:
            lanes = list(self._lanes.values())
            pause_s = 0.0 if busy else min([_LONGEST_SLEEP_S, *(lane.longest_sleep_s() for lane in lanes)])
            for lane, fd, ready in self._sockets.wait(pause_s):
                lane.act(fd, ready)
            finished = [lane.drive() for lane in lanes]  # every one of them, whatever the others say
            busy = any(finished)
