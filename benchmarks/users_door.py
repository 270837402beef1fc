"""Users a second through the doors of the users service, in one run: a loop of single calls, 16 of them, and the batch door.

`python benchmarks/users_door.py [users] [seconds]` starts a stack of its own on SQLite, or on `USERS_DATABASE_URL`. Users bring
their password hashes along, so that what is measured is the door and not argon2. Bodies are made before the clock starts;
sending them and reading the answers is in the time. The single doors stop after so many seconds.
"""

import http.client
import itertools
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local_stack.supervisor import Stack

CHUNK_ITEMS = 500
_HASH = {"algorithm": "bcrypt", "value": "$2b$10$IHB1ltsFwaXxQWTh9YD4eObgIFPAZ2gbUSHbZ.OpDiUdIyX2F55Zi"}
_HEADERS = {"Content-Type": "application/json"}


def user(name: str) -> dict[str, object]:
    """A user as an import brings it."""
    return {"username": name, "email": f"{name}@example.org", "displayName": f"User {name}", "passwordHash": _HASH}


class Door:
    """One address of the users service, asked over a kept-alive connection a thread."""

    def __init__(self, port: int, path: str, *, expect: int) -> None:
        self._port = port
        self._path = path
        self._expect = expect
        self._own = threading.local()

    def send(self, body: bytes) -> bytes:
        """Send one body; return what was answered, which must be what was expected."""
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        self._own.connection.request("POST", self._path, body, _HEADERS)
        response = self._own.connection.getresponse()
        answer: bytes = response.read()
        assert response.status == self._expect, answer
        return answer


def rate(send: Callable[[bytes], bytes], bodies: Sequence[bytes], *, connections: int, limit_s: float) -> float:
    """Return bodies a second, over so many connections, for so long at most."""
    began = time.perf_counter()
    feed = iter(bodies)

    def loop(_: int) -> int:
        sent = 0
        while time.perf_counter() - began < limit_s and (body := next(feed, None)) is not None:
            send(body)
            sent += 1
        return sent

    with ThreadPoolExecutor(connections) as pool:
        sent = sum(pool.map(loop, range(connections)))
    return sent / (time.perf_counter() - began)


def main(users: int, limit_s: float) -> None:
    """Print the rate of each door, and what the batch door is worth."""
    singles = [[json.dumps(user(f"{door}-{number}")).encode() for number in range(users)] for door in ("one", "many")]
    numbers = itertools.count()
    chunks = [
        json.dumps([{"method": "POST", "body": user(f"batch-{next(numbers)}")} for _ in range(CHUNK_ITEMS)]).encode()
        for _ in range(users // CHUNK_ITEMS * 2)
    ]
    with tempfile.TemporaryDirectory() as folder:
        database = os.environ.get("USERS_DATABASE_URL")
        with Stack(var_dir=Path(folder), users_database_url=database) as stack:
            stack.wait_ready()
            single = Door(stack.users_port, "/v1/users", expect=201)
            batch = Door(stack.users_port, "/v1/users/batch", expect=200)
            one = rate(single.send, singles[0], connections=1, limit_s=limit_s)
            many = rate(single.send, singles[1], connections=16, limit_s=limit_s)
            half = len(chunks) // 2
            assert batch.send(chunks[0]).count(b'"responseCode":"201"') == CHUNK_ITEMS
            rates = {
                f"batch of {CHUNK_ITEMS}, {connections} at once": CHUNK_ITEMS
                * rate(batch.send, part, connections=connections, limit_s=60)
                for connections, part in ((1, chunks[1:half]), (2, chunks[half:]))
            }
    for name, users_a_s in {"single, 1 connection": one, "single, 16 connections": many, **rates}.items():
        ratios = f"{users_a_s / one:5.1f} times one, {users_a_s / many:5.1f} times 16"
        print(f"{name:>24}: {users_a_s:8,.0f} users/s, {ratios}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, float(sys.argv[2]) if len(sys.argv) > 2 else 5.0)
