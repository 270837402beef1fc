"""A row of the table: one way to create users, and what is known of it before and after it was tried."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

Body = dict[str, Any]


class Pace(StrEnum):
    """How many items a row needs to be measured well: more where it is faster."""

    ONE_BY_ONE = "one by one"
    SIDE_BY_SIDE = "side by side"
    BULK = "bulk"
    PROBE = "probe"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Call:
    """What the process that sends is told; it reads this as JSON."""

    row: str
    url: str
    """The collection at the target."""
    batch_url: str
    entity: str
    """The collection at the batch service."""
    bodies_file: str
    """A body a line."""
    items: int
    connections: int
    seconds: float
    """For programs that are told a time and not a number of items."""
    folder: str
    """For files of the row's own."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """What `Row.beside` says."""

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a call that `write` has written."""
        return cls(**json.loads(file.read_text()))


@dataclass(frozen=True, slots=True)
class Sent:
    """What a row has done: how many answers of each status it saw."""

    codes: Mapping[int, int]
    seconds: float | None = None
    """Where the row measures its time itself: some prepare files first."""
    also: Mapping[str, float] = field(default_factory=dict)
    """What else it has measured."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Processes that a row needs beside the sender, by their column of the table, and what the sender is to know of them."""

    pids: Mapping[str, int]
    told: Mapping[str, str] = field(default_factory=dict)
    accepted: Callable[[], int] | None = None
    """Of a row that brings its own target: how many connections that has accepted so far."""


def nothing_missing(call: Call) -> str | None:
    """Say of a row that needs nothing that nothing is missing."""
    return None


@dataclass(frozen=True, slots=True)
class Row:
    """One way to create users; a module of `benchmarks.rows` has it as `ROW`."""

    place: int
    """In the table."""
    name: str
    """Of its module too."""
    title: str
    send: Callable[[Call, Sequence[Body]], Sent]
    """Runs in a process of its own; only this is timed."""
    pace: Pace = Pace.SIDE_BY_SIDE
    targets: frozenset[str] = frozenset({"users", "nginx", "far"})
    uses_batch: bool = False
    is_ours: bool = False
    """A part of the batch service, without the service."""
    lane: str = ""
    """What the name of its entity ends with."""
    reads_bodies: bool = True
    """False for a row that makes its own."""
    in_quick: bool = True
    """Whether a quick run has time for it."""
    missing: Callable[[Call], str | None] = nothing_missing
    """Says why the row cannot run here, and what to do about it."""
    beside: Callable[[Call], AbstractContextManager[Beside]] | None = None
