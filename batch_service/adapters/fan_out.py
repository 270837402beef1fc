"""Many requests over few kept-alive connections: one thread drives libcurl's multi interface for the whole process.

Whoever runs a chunk hands its requests to that thread and collects the outcomes. A `CurlMulti` belongs to one thread of one
process: each target has its own, made at first use, after any fork, and driven by that thread alone.
"""

import os
import select
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from batch_service.adapters.exchange import LibcurlExchange
from batch_service.adapters.lane import Lane
from batch_service.domain.entity import Entity
from batch_service.domain.gate import Gate

_LONGEST_SLEEP_S = 1.0


class LibcurlFanOut:
    """Sends requests to any number of targets, each over its own few connections."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lanes: dict[Entity, Lane] = {}
        self._inherited: list[dict[Entity, Lane]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._wake_read, self._wake_write = -1, -1

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
                lane = self._lanes[entity] = Lane(entity, self._gate)
            return LibcurlExchange(partial(self._queue, lane))

    def _queue(self, lane: Lane, exchange: LibcurlExchange) -> None:
        lane.enter(exchange)
        self._wake()

    def _ensure_thread(self) -> None:
        if self._thread is not None and self._pid == os.getpid():
            return
        self._pid = os.getpid()
        self._inherited.append(self._lanes)  # after a fork: to close what is the parent's would end its conversations
        self._lanes = {}
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._thread = threading.Thread(target=self._drive, name="fan-out", daemon=True)
        self._thread.start()

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # so many rings that one more says nothing new
            os.write(self._wake_write, b"!")

    def _drive(self) -> None:
        while True:
            lanes = list(self._lanes.values())
            finished = [lane.drive() for lane in lanes]
            if not any(finished):
                self._sleep(lanes)

    def _sleep(self, lanes: Sequence[Lane]) -> None:
        wanted: tuple[list[int], list[int], list[int]] = ([self._wake_read], [], [])
        for lane in lanes:
            for all_fds, fds in zip(wanted, lane.multi.fdset(), strict=True):
                all_fds.extend(fds)
        pause_s = min([_LONGEST_SLEEP_S, *(lane.longest_sleep_s() for lane in lanes)])
        if self._wake_read in select.select(*wanted, pause_s)[0]:
            os.read(self._wake_read, 4096)
