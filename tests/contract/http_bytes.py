"""HTTP/1.1 messages as the bytes that they are."""

import json
import socket
from dataclasses import dataclass
from typing import Any, BinaryIO


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, request: bytes) -> Answer:
    """Send a request, byte for byte, on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as stream:
            return read_answer(stream, has_body=not request.startswith(b"HEAD "))


def read_answer(stream: BinaryIO, *, has_body: bool = True) -> Answer:
    head = read_head(stream)
    status = int(head.split(b" ", 2)[1])
    headers = headers_of(head)
    is_empty = not has_body or status in (204, 304)
    return Answer(status, headers, b"" if is_empty else read_body(stream, headers))


def read_head(stream: BinaryIO) -> bytes:
    """Read to the empty line; empty if the other side closed the connection."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b""
        head += line
    return head


def headers_of(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}


def read_body(stream: BinaryIO, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        return b"".join(iter(lambda: _read_chunk(stream), b""))
    return stream.read(int(headers.get("content-length", "0")))


def _read_chunk(stream: BinaryIO) -> bytes:
    size = int(stream.readline(), 16)
    chunk = stream.read(size)
    stream.readline()
    return chunk
