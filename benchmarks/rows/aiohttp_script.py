"""An asyncio script with aiohttp, the usual next step after threads."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import aiohttp

from benchmarks.row import Body, Call, Row, Sent


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send from as many tasks as there are connections."""
    return Sent(asyncio.run(_send(call, bodies)))


async def _send(call: Call, bodies: Sequence[Body]) -> Counter[int]:
    codes: Counter[int] = Counter()
    waiting = iter(bodies)
    connector = aiohttp.TCPConnector(limit=call.connections)

    async def post_some(session: aiohttp.ClientSession) -> None:
        for body in waiting:
            async with session.post(call.url, json=body) as answer:
                await answer.read()
                codes[answer.status] += 1

    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(post_some(session) for _ in range(call.connections)))
    return codes


ROW = Row(40, "aiohttp_script", "aiohttp, 16 connections", send)
