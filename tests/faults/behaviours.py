"""How a target can treat a request, the honest way among others."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_ENDLESS_BYTES = 10 * 10**9
_PIECE = bytes(65_536)


class HangUpError(Exception):
    """Raised by a behaviour: close the connection."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request: `apply` makes its effect and returns the whole answer, `refuse` notes that there will be none.

    Between an effect and its answer `pause_s` pass: a kill can come between the two.
    """

    apply: Callable[[], bytes]
    refuse: Callable[[], None]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    pause_s: float

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        reset(self.writer)
        raise HangUpError


Behaviour = Callable[[Exchange], Awaitable[None]]


def reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection with a reset instead of an end."""
    connection: socket.socket = writer.get_extra_info("socket")
    if connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def reply(status: int, body: bytes, *, length: int | None = None, retry_after_s: int | None = None) -> bytes:
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body) if length is None else length)}
    if retry_after_s is not None:
        fields["Retry-After"] = str(retry_after_s)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body


async def honest(exchange: Exchange) -> None:
    answer = exchange.apply()
    await asyncio.sleep(exchange.pause_s)
    await exchange.send(answer)


async def no_answer(exchange: Exchange) -> None:
    exchange.apply()
    raise HangUpError


async def reset_unapplied(exchange: Exchange) -> None:
    exchange.reset()


async def half_answer(exchange: Exchange) -> None:
    answer = exchange.apply()
    await exchange.send(answer[: len(answer) - 5])
    raise HangUpError


async def hang(exchange: Exchange) -> None:
    exchange.apply()
    await exchange.reader.read(1)  # until the other side has had enough
    raise HangUpError


async def drip(exchange: Exchange) -> None:
    for byte in exchange.apply():
        await exchange.send(bytes([byte]))
        await asyncio.sleep(1)


async def endless(exchange: Exchange) -> None:
    exchange.apply()
    await exchange.send(reply(201, b"", length=_ENDLESS_BYTES))
    for _ in range(_ENDLESS_BYTES // len(_PIECE)):
        await exchange.send(_PIECE)


async def half_json(exchange: Exchange) -> None:
    exchange.apply()
    await exchange.send(reply(201, b'{"name": "th'))


def _not_now(status: int, retry_after_s: int | None) -> Behaviour:
    async def refuse(exchange: Exchange) -> None:
        exchange.refuse()
        await exchange.send(reply(status, b'{"error": "not now"}', retry_after_s=retry_after_s))

    return refuse


BEHAVIOURS: dict[str, Behaviour] = {
    "no_answer": no_answer,
    "reset_unapplied": reset_unapplied,
    "half_answer": half_answer,
    "hang": hang,
    "drip": drip,
    "endless": endless,
    "half_json": half_json,
    "429": _not_now(429, None),
    "429_retry_after": _not_now(429, 1),
    "503": _not_now(503, None),
    "503_retry_after": _not_now(503, 1),
}
