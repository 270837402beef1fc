"""The strict target as the suite sees it: its process, its orders, its ledger."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import requests

from local_stack.process import Command
from tests.faults.ledger import Entry, read_ledger
from tests.faults.oracle import Item
from tests.faults.target import PAUSE_S

_ENTITY = """
[entities.{name}]
url = "http://127.0.0.1:{port}/v1/{name}"
concurrency = 4
timeout = {timeout_s}
retries = 12
idempotent_writes = {idempotent_writes}
"""


_DOORS = """
[entities.fast]
url = "http://127.0.0.1:{port}/v1/fast"
concurrency = 4
timeout = 2
retries = 12
idempotent_writes = true
batch = {{ path = "/batch", max_items = 5 }}

[entities.bare]
url = "http://127.0.0.1:{port}/v1/bare"
concurrency = 4
timeout = 2
retries = 12
idempotent_writes = false
batch = {{ path = "/batch", max_items = 5, format = "bodies" }}
"""


class Things:
    """Two collections: `things` honours `Idempotency-Key`, `plain` does not."""

    name = "target"
    entities: Sequence[str] = ("things", "plain")
    sent_once: Sequence[str] = ("plain",)

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.ledger_file = folder / "ledger"

    def command(self, environment: Mapping[str, str]) -> Command:
        module = [sys.executable, "-m", "tests.faults.target", str(self.port), str(self.ledger_file)]
        return Command(self.name, module, environment)

    def registry(self, *, through_port: int, timeout_s: float = 2.0) -> str:
        return "".join(
            _ENTITY.format(name=name, port=through_port, timeout_s=timeout_s, idempotent_writes=str(safe).lower())
            for name, safe in (("things", True), ("plain", False))
        )

    def behave(
        self, shares: Mapping[str, float] | None = None, *, most: int = 2, seed: int = 0, pause_s: float = PAUSE_S
    ) -> None:
        """Misbehave at the first `most` arrivals of an item, in these shares; without any, be honest."""
        orders = {"shares": shares or {}, "most": most, "seed": seed, "pause_s": pause_s}
        requests.put(f"http://127.0.0.1:{self.port}/control", json=orders, timeout=10).raise_for_status()

    @property
    def progress(self) -> int:
        """Grows with each arrival."""
        return self.ledger_file.stat().st_size if self.ledger_file.exists() else 0

    def ledger(self) -> list[Entry]:
        return list(read_ledger(self.ledger_file))

    def is_up(self) -> bool:
        try:
            self.behave()
        except requests.RequestException:
            return False
        return True

    def make_items(self, number: int, *, count: int = 30) -> list[tuple[Item, dict[str, Any]]]:
        """Make the items of a batch; one in five is a PUT."""
        made = []
        for place in range(count):
            item = Item(f"n{number:05d}-{place:03d}", "PUT" if place % 5 == 4 else "POST")
            path = {"path": f"/{item.name}"} if item.method == "PUT" else {}
            made.append((item, {"method": item.method, "body": {"name": item.name}, **path}))
        return made


class Doors(Things):
    """The same with a batch door each: `fast` honours the key of each item, `bare` takes bodies without keys."""

    entities: Sequence[str] = ("fast", "bare")
    sent_once: Sequence[str] = ("bare",)

    def registry(self, *, through_port: int, timeout_s: float = 2.0) -> str:
        return _DOORS.format(port=through_port)
