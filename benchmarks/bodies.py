"""Users to create: every one with a name that no other row or round has."""

import json
import random
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.target import HASHED
from local_stack.demo.passwords import Password, make_passwords


class Bodies:
    """Writes files of bodies; the few password hashes that all share are made once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "bodies.jsonl"
        self._run = uuid.uuid4().hex[:8]
        self._turn = 0
        self._passwords: dict[str, list[Password]] = {}

    def write(self, count: int, *, passwords: str) -> Path:
        """Write so many users that are not there yet."""
        if passwords not in self._passwords:
            self._passwords[passwords] = make_passwords(random.Random(1), plain=passwords != HASHED)
        known = self._passwords[passwords]
        self._turn += 1
        with self._file.open("w", encoding="utf-8") as file:
            for number in range(count):
                name = f"user {self._run} {self._turn} {number}"
                file.write(json.dumps({"username": name, **_fields(known[number % len(known)].cells)}) + "\n")
        return self._file


def _fields(cells: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for cell, text in cells.items():
        outer, _, inner = cell.partition(".")
        if inner:
            body.setdefault(outer, {})[inner] = text
        else:
            body[outer] = text
    return body
