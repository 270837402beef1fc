"""What the suite asks of any target that it sets up."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from local_stack.process import Command
from tests.faults.ledger import Entry
from tests.faults.oracle import Item


class Target(Protocol):
    port: int
    entities: Sequence[str]
    sent_once: Sequence[str]
    """Those of its entities whose writes may not be repeated."""

    def command(self, environment: Mapping[str, str]) -> Command: ...

    def registry(self, *, through_port: int) -> str: ...

    def is_up(self) -> bool: ...

    @property
    def progress(self) -> int: ...

    def ledger(self) -> list[Entry]: ...

    def make_items(self, number: int, *, count: int = 30) -> list[tuple[Item, dict[str, Any]]]: ...
