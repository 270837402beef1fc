"""A way to a server that can be cut and mended: what looks from outside like a broker that goes away and comes back."""

import socket
import threading
from contextlib import suppress
from typing import Self


class Forwarder:
    """Listens on a free port of 127.0.0.1, from `open` on; until then, and after `cut`, connections are refused."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._listener: socket.socket | None = None
        self._sockets: list[socket.socket] = []
        with socket.create_server(("127.0.0.1", 0)) as reserved:
            self.port = int(reserved.getsockname()[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._start(self._accept, self._listener)

    def cut(self) -> None:
        if self._listener is not None:
            self._sockets.append(self._listener)
            self._listener = None
        for each in self._sockets:
            with suppress(OSError):  # its other end was faster
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._sockets.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near = listener.accept()[0]
                far = socket.create_connection(self._to)
                self._sockets += [near, far]
                self._start(self._pass_on, near, far)
                self._start(self._pass_on, far, near)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def _start(self, work: object, *arguments: socket.socket) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()  # type: ignore[arg-type]
