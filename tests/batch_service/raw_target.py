"""A target on a raw socket, so that a test can say each byte of an answer, and count connections and requests."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    header_lines: tuple[str, ...]
    body: bytes
    connection: int

    def json(self) -> Any:
        return json.loads(self.body)


class HangUpError(Exception):
    """Raised by an answer: close the connection."""


Answer = Callable[[Asked, socket.socket], None]


def reply(
    status: int = 200, body: bytes = b"{}", *, content_type: str = "application/json", headers: Mapping[str, str] | None = None
) -> bytes:
    fields = {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode("latin-1") + body


def always(answer: bytes) -> Answer:
    return lambda _, connection: connection.sendall(answer)


class RawTarget:
    """Listens on a free port of 127.0.0.1; a thread a connection."""

    def __init__(self, answer: Answer | None = None, *, on_accept: Callable[[socket.socket], None] | None = None) -> None:
        self.answer = answer or always(reply())
        self.on_accept = on_accept
        self.asked: list[Asked] = []
        self.accepted = 0
        self.open = 0
        self.most_open = 0
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1/things"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_listening()
        self.close_connections()
        for thread in self._threads:
            thread.join(10)

    def stop_listening(self) -> None:
        with self._lock:
            if self._listener.fileno() >= 0:
                self._listener.shutdown(socket.SHUT_RDWR)
                self._listener.close()

    def close_connections(self) -> None:
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):  # it is closed already
                    connection.shutdown(socket.SHUT_RDWR)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.accepted += 1
                self.open += 1
                self.most_open = max(self.most_open, self.open)
                self._connections.add(connection)
            self._start(self._serve, connection, self.accepted)

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self.on_accept is not None:
                self.on_accept(connection)
            with connection.makefile("rb") as stream:
                while (asked := _read(stream, number)) is not None:
                    self.asked.append(asked)
                    self.answer(asked, connection)
        except (HangUpError, OSError):
            pass
        finally:
            with self._lock:
                self._connections.discard(connection)
                self.open -= 1
                connection.close()


def _read(stream: Any, number: int) -> Asked | None:
    lines: list[str] = []
    while (line := stream.readline()) not in (b"\r\n", b""):
        lines.append(line.decode("latin-1").rstrip("\r\n"))
    if not lines or not line:
        return None
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    method, path, _ = lines[0].split(" ")
    body = stream.read(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, tuple(lines[1:]), body, number)
