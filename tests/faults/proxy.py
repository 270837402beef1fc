"""A TCP proxy that breaks connections as it is told, at a share of the requests that is drawn from a seed."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Self

from tests.faults.behaviours import reset
from tests.faults.ways import Mode, Way

_LOOPBACK = "127.0.0.1"


class Proxy:
    """Listens on a free port of its own for as long as its block; forwards to `upstream_port`."""

    def __init__(self, upstream_port: int, *, seed: str = "") -> None:
        self.mode = Mode()
        self.hits: list[bytes] = []
        """The beginnings of the requests that met something else than PASS."""
        self.port = 0
        self._upstream_port = upstream_port
        self._random = Random(f"proxy {seed}")
        self._loop = asyncio.new_event_loop()
        self._is_over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._is_over.set)
        self._thread.join(10)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:  # its end cancels what is still under way
            runner.run(self._wait_for_end())

    async def _wait_for_end(self) -> None:
        await self._is_over.wait()

    def up(self) -> None:
        """Listen, again on the same port."""
        self._do(self._up())

    def down(self) -> None:
        """Refuse connections, and reset those that there are."""
        self._do(self._down())

    def cut_all(self) -> None:
        """Reset every connection; new ones are taken."""
        self._do(self._cut_all())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _up(self) -> None:
        self._server = await asyncio.start_server(self._converse, _LOOPBACK, self.port, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _down(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut_all()

    async def _cut_all(self) -> None:
        for writer in list(self._open):
            reset(writer)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection(_LOOPBACK, self._upstream_port)
        except OSError:
            reset(writer)
            return
        pair = _Pair(self, reader, writer, upstream_reader, upstream_writer)
        self._open |= {writer, upstream_writer}
        try:
            with suppress(asyncio.CancelledError):  # at the end of the loop, which would log it
                await pair.run()
        finally:
            self._open -= {writer, upstream_writer}

    def draw(self, request: bytes) -> Mode:
        """Decide what becomes of a request."""
        mode = self.mode
        if mode.way is Way.PASS or self._random.random() >= mode.share:
            return Mode()
        self.hits.append(request[:40])
        return mode


class _CutError(Exception):
    """This connection is to be reset."""


@dataclass(slots=True)
class _Pair:
    """A client's connection and the one made for it; what a client sends after an answer is a new request."""

    proxy: Proxy
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    upstream_reader: asyncio.StreamReader
    upstream_writer: asyncio.StreamWriter
    mode: Mode | None = None

    async def run(self) -> None:
        ways = [asyncio.ensure_future(self._forth()), asyncio.ensure_future(self._back())]
        with suppress(_CutError, OSError):
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in done:
                way.result()
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for writer in (self.writer, self.upstream_writer):
            writer.close() if _has_ended(ways) else reset(writer)

    async def _forth(self) -> None:
        while data := await self.reader.read(65_536):
            if self.mode is None:
                self.mode = self.proxy.draw(data)
            if self.mode.way is Way.CUT_BEFORE:
                raise _CutError
            if self.mode.way is not Way.BLACK_HOLE:
                self.upstream_writer.write(data)
                await self.upstream_writer.drain()

    async def _back(self) -> None:
        while data := await self.upstream_reader.read(65_536):
            mode, self.mode = self.mode or Mode(), None
            if mode.way is Way.CUT_AFTER:
                raise _CutError
            await self._pass_on(data, mode)

    async def _pass_on(self, data: bytes, mode: Mode) -> None:
        if mode.way is Way.LATE:
            await asyncio.sleep(mode.delay_s)
        if mode.way is Way.CUT_ANSWER:
            data = data[: mode.bytes]
        for piece in [data[at : at + 1] for at in range(len(data))] if mode.way is Way.DRIP else [data]:
            self.writer.write(piece)
            await self.writer.drain()
            if mode.way is Way.DRIP:
                await asyncio.sleep(mode.delay_s)
        if mode.way is Way.CUT_ANSWER:
            self.writer.close()
            raise _CutError


def _has_ended(ways: Sequence["asyncio.Future[None]"]) -> bool:
    """Say whether one direction came to its own end."""
    return any(way.done() and not way.cancelled() and way.exception() is None for way in ways)
