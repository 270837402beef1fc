"""A target that answers no one until it is told to."""

import socket
import threading
from typing import Self

from tests.batch_service.raw_target import Asked, RawTarget, reply


class Gate:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tickets = 0
        self._is_open = False
        self.target = RawTarget(self._answer)

    def __enter__(self) -> Self:
        self.target.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.open()
        self.target.__exit__()

    def let_pass(self, requests: int) -> None:
        with self._changed:
            self._tickets += requests
            self._changed.notify_all()

    def open(self) -> None:
        with self._changed:
            self._is_open = True
            self._changed.notify_all()

    def _answer(self, asked: Asked, connection: socket.socket) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._is_open or self._tickets, timeout=30)
            self._tickets -= 1
        connection.sendall(reply())
