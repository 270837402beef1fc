"""A strict target, `python -m tests.faults.target`: it writes down each arrival and each effect, and misbehaves when told to.

`/v1/things` honours `Idempotency-Key`, `/v1/plain` knows nothing of it; `/v1/fast` and `/v1/bare` are the same, each with a
batch door. `PUT /control` says how it behaves.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

from servicekit import lifeline
from tests.faults.behaviours import BEHAVIOURS, Behaviour, Exchange, HangUpError, honest, reply
from tests.faults.http_request import Request, read_request
from tests.faults.ledger import Entry, Kind, Ledger, read_ledger

HONOUR_KEYS = ("things", "fast")
PAUSE_S = 0.02


class Target:
    """All that it knows is in its ledger: it may be killed and started again."""

    def __init__(self, ledger: Path) -> None:
        self._applied: set[tuple[str, str]] = set()
        self._put: set[tuple[str, str]] = set()
        self._arrivals: Counter[str] = Counter()
        for entry in read_ledger(ledger):
            self._remember(entry)
        self._ledger = Ledger(ledger)
        self._shares: dict[str, float] = {}
        self._most = 0
        self._seed = 0
        self._pause_s = PAUSE_S

    def _remember(self, entry: Entry) -> None:
        if entry.kind is Kind.ARRIVAL:
            self._arrivals[entry.name] += 1
        if entry.kind is Kind.EFFECT and entry.key is not None:
            self._applied.add((entry.collection, entry.key))
        if entry.kind is Kind.EFFECT and entry.method == "PUT":
            self._put.add((entry.collection, entry.name))

    def _note(self, kind: Kind, request: Request) -> None:
        entry = Entry(kind, request.collection, request.method, request.name, request.key)
        self._ledger.append(entry)
        self._remember(entry)

    def _note_all(self, kind: Kind, requests: Sequence[Request]) -> None:
        for request in requests:
            self._note(kind, request)

    def _behave(self, orders: dict[str, object]) -> None:
        self._shares = {str(name): float(share) for name, share in dict(orders["shares"]).items()}  # type: ignore[call-overload]
        self._most = int(str(orders["most"]))
        self._seed = int(str(orders["seed"]))
        self._pause_s = float(str(orders["pause_s"]))

    def _choose(self, name: str) -> Behaviour:
        """Draw by the item's name and the number of its arrival: the order of arrivals does not matter."""
        arrival = self._arrivals[name]
        draw = Random(f"{self._seed}:{name}:{arrival}").random()
        for behaviour, share in self._shares.items():
            if draw < share and arrival <= self._most:
                return BEHAVIOURS[behaviour]
            draw -= share
        return honest

    def _apply(self, request: Request) -> dict[str, str]:
        # A thing that is put a second time is the same thing; one that is posted a second time is another one.
        is_same = request.method == "PUT" and (request.collection, request.name) in self._put
        is_replay = request.collection in HONOUR_KEYS and (request.collection, request.key) in self._applied
        if not (is_same or is_replay):
            self._note(Kind.EFFECT, request)
        return {"name": request.name}

    def _answer(self, parts: Sequence[Request], *, is_batch: bool) -> bytes:
        bodies = [self._apply(part) for part in parts]
        if is_batch:
            return reply(200, json.dumps([{"responseCode": "201", "responseBody": body} for body in bodies]).encode())
        return reply(201, json.dumps(bodies[0]).encode())

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(HangUpError, OSError, asyncio.IncompleteReadError):
            while (request := await read_request(reader)) is not None:
                if request.path == "/control":
                    self._behave(json.loads(request.body))
                    writer.write(reply(200, b"{}"))
                    continue
                await self._serve(request, reader, writer)
        writer.close()

    async def _serve(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = request.parts
        self._note_all(Kind.ARRIVAL, parts)
        behaviour = self._choose(parts[0].name)
        if behaviour is not honest:
            self._note(Kind.FAULT, parts[0])
        await asyncio.sleep(self._pause_s / 2)
        await behaviour(
            Exchange(
                apply=lambda: self._answer(parts, is_batch=parts[0] is not request),
                refuse=lambda: self._note_all(Kind.REFUSAL, parts),
                reader=reader,
                writer=writer,
                pause_s=self._pause_s / 2,
            )
        )


async def _serve(port: int, ledger: Path) -> None:
    server = await asyncio.start_server(Target(ledger).converse, "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    lifeline.watch(lambda: os._exit(1))
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
