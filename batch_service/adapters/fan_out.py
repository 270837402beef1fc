"""Many requests over few kept-alive connections: one thread drives libcurl's multi interface for the whole process.

Whoever runs a chunk hands its requests to that thread and collects the outcomes; a `CurlMulti` belongs to one thread of one
process, so it is made in the thread, at first use, after any fork.
"""

import os
import select
import threading
from contextlib import suppress
from functools import partial

import pycurl

from batch_service.adapters.exchange import LibcurlExchange
from batch_service.adapters.lane import Lane
from batch_service.adapters.transfer import Transfer
from batch_service.domain.attempt import Outcome
from batch_service.domain.entity import Entity

_LONGEST_SLEEP_S = 1.0
_Transfers = dict[pycurl.Curl, tuple[Transfer, Lane]]


class LibcurlFanOut:
    """Sends requests to any number of targets, each over its own few connections."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}
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
            lane = self._lanes.get(entity.name)
            if lane is None or lane.entity != entity:
                lane = self._lanes[entity.name] = Lane(entity)
            return LibcurlExchange(partial(self._queue, lane))

    def _queue(self, lane: Lane, exchange: LibcurlExchange) -> None:
        lane.enter(exchange)
        self._wake()

    def _ensure_thread(self) -> None:
        if self._thread is not None and self._pid == os.getpid():
            return
        self._pid = os.getpid()
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
        multi = pycurl.CurlMulti()
        multi.setopt(pycurl.M_MAXCONNECTS, 1024)
        transfers: _Transfers = {}
        while True:
            pause_s = self._start_transfers(multi, transfers)
            while multi.perform()[0] == pycurl.E_CALL_MULTI_PERFORM:
                continue
            if not self._finish_transfers(multi, transfers):
                self._sleep(multi, pause_s)

    def _start_transfers(self, multi: pycurl.CurlMulti, transfers: _Transfers) -> float:
        """Give every free connection work; return how long until a lane that keeps a pace may go on."""
        pause_s = _LONGEST_SLEEP_S
        for lane in list(self._lanes.values()):
            while (transfer := lane.next_transfer()) is not None:
                transfers[transfer.handle] = (transfer, lane)
                multi.add_handle(transfer.handle)
            pause_s = min(pause_s, lane.pause_s())
        return pause_s

    def _finish_transfers(self, multi: pycurl.CurlMulti, transfers: _Transfers) -> bool:
        """Deliver every finished transfer; say whether there was one, so that its connection is used again at once."""
        finished: dict[LibcurlExchange, list[Outcome]] = {}
        more = 1
        while more:
            more, done, broken = multi.info_read()
            for handle, errno in [*((handle, 0) for handle in done), *((handle, errno) for handle, errno, _ in broken)]:
                multi.remove_handle(handle)
                transfer, lane = transfers.pop(handle)
                finished.setdefault(transfer.exchange, []).append(transfer.outcome(errno))
                lane.give_back(transfer)
        for exchange, outcomes in finished.items():
            exchange.deliver(outcomes)
        return bool(finished)

    def _sleep(self, multi: pycurl.CurlMulti, pause_s: float) -> None:
        readable, writable, failing = multi.fdset()
        wanted_ms = multi.timeout()
        if wanted_ms >= 0:
            pause_s = min(pause_s, wanted_ms / 1000)
        ready, _, _ = select.select([*readable, self._wake_read], writable, failing, pause_s)
        if self._wake_read in ready:
            os.read(self._wake_read, 4096)
