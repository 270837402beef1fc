"""What a fault is to the suite: something that is done to a running bench again and again, and what may come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Literal

from tests.faults.oracle import Evidence

if TYPE_CHECKING:
    from tests.faults.bench import Bench

DATABASES = ("sqlite", "postgresql")
BROKERS = ("none", "amqp", "redis")
SUCCEEDED = frozenset({"200", "201"})
UNKNOWN = "outcome_unknown"


Look = Callable[["Bench", Evidence], list[str]]
"""Says what else is not as it should be, at the end."""


class NotTriedError(Exception):
    """This machine lacks what the fault needs; the text says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`inflict` does it once, to a bench on which batches are running, and leaves the bench healed."""

    name: str
    inflict: Callable[["Bench", Random], None]
    kills: bool = False
    """Takes its share of --rounds; anything else is done `times` times."""
    times: int = 3
    databases: tuple[str, ...] = DATABASES
    brokers: tuple[str, ...] = BROKERS
    settings: Mapping[str, object] = field(default_factory=dict)
    """Of the batch service, as environment variables."""
    workers: int = 1
    apis: int = 1
    odd_worker: Callable[[], Mapping[str, str]] = dict
    """What the last worker finds in its environment besides."""
    target: Literal["things", "doors", "users"] = "things"
    proxied: Literal["", "target", "database"] = ""
    """What stands behind the proxy."""
    has_bare_client: bool = False
    """Whether a second client sends batches without keys, each once: only where no answer is lost on its way."""
    has_second_thoughts: bool = False
    """Whether a client cancels some of its jobs and retries what did not succeed."""
    has_own_broker: bool = False
    """Whether the broker is one that may be killed."""
    disk_bytes: int = 0
    """How large the file system of the database is; 0: it has no file system of its own."""
    endings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By entity: how an item may end, by its code or by the word of its problem document. Without: success, or unknown
    where a write cannot be repeated."""
    look: Look = lambda _bench, _evidence: []
    ends_within_s: float = 90.0

    def may_end(self, entity: str, *, sent_once: bool) -> frozenset[str]:
        default = SUCCEEDED | {UNKNOWN} if sent_once else SUCCEEDED
        return self.endings.get(entity, default)
