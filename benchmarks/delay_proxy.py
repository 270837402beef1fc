"""A target far away: `python -m benchmarks.delay_proxy PORT TARGET_PORT DELAY_MS` passes bytes on, so much later each way.

A new connection waits for another round trip, as its handshake would.
"""

import asyncio
import sys
from contextlib import suppress

_HOST = "127.0.0.1"
_CHUNK_BYTES = 65_536


class DelayProxy:
    """Passes on what comes, in order and late."""

    def __init__(self, target_port: int, delay_s: float) -> None:
        self._target_port = target_port
        self._delay_s = delay_s

    async def serve(self, port: int) -> None:
        """Accept connections until cancelled."""
        server = await asyncio.start_server(self._accept, _HOST, port, backlog=1024)
        async with server:
            await server.serve_forever()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * self._delay_s)
        try:
            target_reader, target_writer = await asyncio.open_connection(_HOST, self._target_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pass_on(reader, target_writer), self._pass_on(target_reader, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read on while earlier chunks wait: the way is long and not narrow."""
        chunks: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        writing = asyncio.create_task(self._write(chunks, writer))
        data = b"?"
        while data:
            try:
                data = await reader.read(_CHUNK_BYTES)
            except OSError:
                data = b""
            chunks.put_nowait((asyncio.get_running_loop().time() + self._delay_s, data))
        await writing

    async def _write(self, chunks: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                due, data = await chunks.get()
                await asyncio.sleep(due - asyncio.get_running_loop().time())
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()


if __name__ == "__main__":
    port, target_port = int(sys.argv[1]), int(sys.argv[2])
    asyncio.run(DelayProxy(target_port, float(sys.argv[3]) / 1000).serve(port))
