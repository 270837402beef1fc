"""What a target did, in the order in which it did it: a file of JSON lines, which outlives the target."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    ARRIVAL = "arrival"
    """A whole request was read."""
    EFFECT = "effect"
    """It changed something."""
    FAULT = "fault"
    """The target was about to misbehave."""
    REFUSAL = "refusal"
    """It was answered with "not now", and changed nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    kind: Kind
    collection: str
    method: str
    name: str
    """What the item is called in its body or its path: unique in a whole run."""
    key: str | None
    """Its `Idempotency-Key`."""


class Ledger:
    """Appends with one write an entry, so that a killed target leaves no half of one."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def append(self, entry: Entry) -> None:
        os.write(self._fd, json.dumps(asdict(entry)).encode() + b"\n")


def read_ledger(path: Path) -> Iterator[Entry]:
    """Read what a target wrote; nothing where none was started yet."""
    if path.exists():
        with path.open() as lines:
            for line in lines:
                if not line.endswith("\n"):  # it is being written at this moment
                    return
                fields = json.loads(line)
                yield Entry(Kind(fields.pop("kind")), **fields)
