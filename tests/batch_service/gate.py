"""A target that answers no one until it is told to."""

import socket
import threading
from typing import Self

from tests.batch_service.raw_target import Asked, RawTarget, reply


class Gate:
    def __init__(self) -> None:
        self._opened = threading.Event()
        self.target = RawTarget(self._answer)

    def __enter__(self) -> Self:
        self.target.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.open()
        self.target.__exit__()

    def open(self) -> None:
        self._opened.set()

    def _answer(self, asked: Asked, connection: socket.socket) -> None:
        assert self._opened.wait(30)
        connection.sendall(reply())
