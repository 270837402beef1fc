"""A server that hands on what it is asked and keeps each request as the bytes that came."""

import socket
import threading
from contextlib import suppress
from typing import Self

from tests.contract.http_bytes import Answer, ask, headers_of, read_body, read_head


class Recorder:
    """Stands before a service on this machine; asks it anew for each request, and closes the connection behind the answer."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.answers: list[Answer] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(30)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self._start(self._serve, self._listener.accept()[0])

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream, suppress(OSError):
            head = read_head(stream)
            if not head:
                return
            headers = headers_of(head)
            if headers.get("expect", "").lower() == "100-continue":
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            request = head + read_body(stream, headers)
            answer = ask(self._to, request)
            self.requests.append(request)
            self.answers.append(answer)
            connection.sendall(_written(answer))


def _written(answer: Answer) -> bytes:
    own = {"content-length", "transfer-encoding", "connection"}
    lines = [f"{name}: {value}" for name, value in answer.headers.items() if name not in own]
    lines += [f"content-length: {len(answer.body)}"] if answer.status not in (204, 304) else []
    head = "\r\n".join([f"HTTP/1.1 {answer.status} Said", *lines, "connection: close"])
    return f"{head}\r\n\r\n".encode("latin-1") + answer.body
