"""The users service as a target: what it did is what it lists."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests

from local_stack.ports import is_ready
from local_stack.process import Command
from tests.faults.ledger import Entry, Kind
from tests.faults.oracle import Item

_ENTITY = """
[entities.users]
url = "http://127.0.0.1:{port}/v1/users"
concurrency = 4
timeout = 10
retries = 12
idempotent_writes = true
"""
_COMMAND = [sys.executable, "-m", "users_service.cli"]
_CHEAP = {"ARGON2_MEMORY_KIB": "32", "ARGON2_TIME_COST": "1", "WORKERS": "1"}


class Users:
    """Usernames are unique in it: an item that is applied a second time without its key shows as 409."""

    entities: Sequence[str] = ("users",)
    sent_once: Sequence[str] = ()

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port

    def command(self, environment: Mapping[str, str]) -> Command:
        own = {**environment, **_CHEAP, "PORT": str(self.port)}
        subprocess.run([*_COMMAND, "migrate"], env=own, check=True, stdout=subprocess.DEVNULL)
        return Command("target", [*_COMMAND, "serve"], own)

    def registry(self, *, through_port: int) -> str:
        return _ENTITY.format(port=through_port)

    def is_up(self) -> bool:
        return is_ready(self.port)

    @property
    def progress(self) -> int:
        """Grows with the users that there are, and where nobody answers it stays."""
        try:
            return len(self.ledger())
        except requests.RequestException:
            return 0

    def ledger(self) -> list[Entry]:
        return [Entry(Kind.EFFECT, "users", "POST", user["username"], None) for user in self._users()]

    def _users(self) -> Iterator[dict[str, Any]]:
        cursor = ""
        while cursor is not None:
            page = {"limit": "1000", **({"cursor": cursor} if cursor else {})}
            answer = requests.get(f"http://127.0.0.1:{self.port}/v1/users", params=page, timeout=30)
            answer.raise_for_status()
            yield from answer.json()["users"]
            cursor = answer.json()["next"]

    def make_items(self, number: int, *, count: int = 30) -> list[tuple[Item, dict[str, Any]]]:
        names = [f"u{number:05d}-{place:03d}" for place in range(count)]
        return [(Item(name), {"body": {"username": name, "password": "123456"}}) for name in names]
