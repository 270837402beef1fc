"""The way to one target: so many connections and no more, at the pace the registry allows, exchanges taking turns."""

import threading
import time
from collections import deque

from batch_service.adapters.exchange import LibcurlExchange
from batch_service.adapters.transfer import Connection, Transfer
from batch_service.domain.attempt import Request
from batch_service.domain.entity import Entity


class Lane:
    """Entered by any thread; driven by the thread that owns libcurl."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.connections_opened = 0
        self._turns: deque[LibcurlExchange] = deque()
        self._lock = threading.Lock()
        self._idle = [Connection(entity) for _ in range(entity.concurrency)]
        self._free_at = 0.0

    def enter(self, exchange: LibcurlExchange) -> None:
        """Queue an exchange that has something to send."""
        with self._lock:
            if exchange not in self._turns:
                self._turns.append(exchange)

    def next_transfer(self) -> Transfer | None:
        """Put the next request on a free connection; None if there is no request, no connection, or it is too soon."""
        if not self._idle or self.pause_s() > 0:
            return None
        with self._lock:
            turn = self._take_turn()
        if turn is None:
            return None
        if self.entity.rate_per_s:
            self._free_at = max(self._free_at, time.monotonic()) + 1 / self.entity.rate_per_s
        request, exchange = turn
        return self._idle.pop().begin(request, exchange)

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

    def give_back(self, transfer: Transfer) -> None:
        """Take a connection back after its transfer."""
        self.connections_opened += transfer.connections_opened
        self._idle.append(transfer.connection)

    def pause_s(self) -> float:
        """Seconds until another request may leave; infinite where none waits or no connection is free."""
        if not self._turns or not self._idle:
            return float("inf")
        return max(0.0, self._free_at - time.monotonic())
