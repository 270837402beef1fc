"""The way to one target: so many connections and no more, at the pace the registry allows, exchanges taking turns."""

import threading
import time
from collections import deque

import pycurl

from batch_service.adapters.exchange import LibcurlExchange
from batch_service.adapters.sockets import Sockets
from batch_service.adapters.transfer import Connection, Transfer
from batch_service.domain.attempt import Outcome, Request
from batch_service.domain.entity import Entity
from batch_service.domain.gate import Gate

_ASK_AGAIN_S = 0.02


class Lane:
    """Entered by any thread; driven by the thread that owns libcurl."""

    def __init__(self, entity: Entity, gate: Gate, sockets: Sockets) -> None:
        self.entity = entity
        self._gate = gate
        self.connections_opened = 0
        self._multi = pycurl.CurlMulti()
        # libcurl is told which sockets are ready: to have it ask each one at each turn costs several times as much.
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, lambda what, fd, _multi, _data: sockets.follow(self, what, fd))
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._timer_at = float("inf")
        self._connections = 0
        self._transfers: dict[pycurl.Curl, Transfer] = {}
        self._turns: deque[LibcurlExchange] = deque()
        self._lock = threading.Lock()
        self._idle = [Connection(entity, sockets.forget_idle) for _ in range(entity.concurrency)]
        self._free_at = 0.0
        self._is_refused = False

    def enter(self, exchange: LibcurlExchange) -> None:
        """Queue an exchange that has something to send."""
        with self._lock:
            if exchange not in self._turns:
                self._turns.append(exchange)

    def drive(self) -> bool:
        """Begin what may begin, deliver what has ended; say whether something did, so that its connection is used at once."""
        self._keep_to_share()
        while (transfer := self._next_transfer()) is not None:
            self._transfers[transfer.handle] = transfer
            self._multi.add_handle(transfer.handle)
        if self._timer_at <= time.monotonic():
            self._timer_at = float("inf")
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        return self._deliver_finished()

    def act(self, fd: int, ready: int) -> None:
        """Move on the transfer whose socket is ready."""
        self._multi.socket_action(fd, ready)

    def _set_timer(self, timeout_ms: int) -> None:
        """Called by libcurl: it wants to be called again after so long, or (-1) not until a socket is ready."""
        self._timer_at = float("inf") if timeout_ms < 0 else time.monotonic() + timeout_ms / 1000

    def _deliver_finished(self) -> bool:
        finished: dict[LibcurlExchange, list[Outcome]] = {}
        more = 1
        while more:
            more, done, broken = self._multi.info_read()
            for handle, errno in [*((handle, 0) for handle in done), *((handle, errno) for handle, errno, _ in broken)]:
                transfer = self._transfers.pop(handle)
                # Before the handle leaves: afterwards it cannot say which connection it had.
                finished.setdefault(transfer.exchange, []).append(transfer.outcome(errno))
                self._multi.remove_handle(handle)
                self.connections_opened += transfer.connections_opened
                self._idle.append(transfer.connection)
        for exchange, outcomes in finished.items():
            self._gate.leave(self.entity, outcomes)  # first: whoever learns of an outcome may ask what it meant for the target
            exchange.deliver(outcomes)
        return bool(finished)

    def _next_transfer(self) -> Transfer | None:
        """Put the next request on a free connection; None if there is no request, no connection, or it is too soon."""
        self._is_refused = False
        if not self._idle or self.pause_s() > 0:
            return None
        if not self._gate.enter(self.entity):
            self._is_refused = True
            return None
        with self._lock:
            turn = self._take_turn()
        if turn is None:
            self._gate.give_back(self.entity)
            return None
        request, exchange = turn
        if self.entity.rate_per_s:
            rate_per_s = self.entity.rate_per_s * max(1, self._connections) / self.entity.concurrency
            self._free_at = max(self._free_at, time.monotonic()) + request.items / rate_per_s
        return self._idle.pop().begin(request, exchange)

    def _keep_to_share(self) -> None:
        share = self._gate.share(self.entity)
        if share != self._connections and share > 0:
            self._connections = share
            # A request with a connection of its own closes one that is idle, so that the target never sees more than the cap.
            self._multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, share)
            self._multi.setopt(pycurl.M_MAXCONNECTS, share)

    def _take_turn(self) -> tuple[Request, LibcurlExchange] | None:
        while self._turns:
            exchange = self._turns.popleft()
            try:
                request = exchange.unsent.popleft()
            except IndexError:  # its owner took the rest back
                continue
            if exchange.unsent:
                self._turns.append(exchange)
            return request, exchange
        return None

    def longest_sleep_s(self) -> float:
        """Seconds after which the lane must be driven again, even if no socket is ready."""
        return min(self.pause_s(), max(0.0, self._timer_at - time.monotonic()))

    def pause_s(self) -> float:
        """Seconds until another request may leave; infinite where none waits or no connection is free."""
        if not self._turns or not self._idle:
            return float("inf")
        if self._is_refused:
            return _ASK_AGAIN_S
        return max(0.0, self._free_at - time.monotonic())
