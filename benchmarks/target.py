"""What the rows send to: the same for every row of a table."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.row import Pace

HASHED, PLAIN = "hashed", "plain"


@dataclass(frozen=True, slots=True)
class Target:
    """One table: a target, and how many items it takes to measure a row of each pace there."""

    name: str
    title: str
    limit: str
    """The row that nothing can be faster than."""
    items: Mapping[str, Mapping[Pace, int]]
    """By the size of the run."""
    passwords: str = HASHED
    base: str = "loop"
    """The row that the others are compared with."""


TARGETS = (
    Target(
        "users",
        "the users service, passwords hashed before",
        limit="wrk",
        items={
            "full": {Pace.ONE_BY_ONE: 500, Pace.SIDE_BY_SIDE: 2_000, Pace.BULK: 10_000, Pace.PROBE: 800},
            "quick": {Pace.ONE_BY_ONE: 100, Pace.SIDE_BY_SIDE: 300, Pace.BULK: 1_000, Pace.PROBE: 160},
            "tiny": {Pace.ONE_BY_ONE: 10, Pace.SIDE_BY_SIDE: 20, Pace.BULK: 50, Pace.PROBE: 32},
        },
    ),
    Target(
        "plain",
        "the users service, passwords in clear",
        limit="argon2id",
        passwords=PLAIN,
        items={
            "full": {Pace.ONE_BY_ONE: 100, Pace.SIDE_BY_SIDE: 1_000, Pace.BULK: 1_000},
            "quick": {Pace.ONE_BY_ONE: 20, Pace.SIDE_BY_SIDE: 100, Pace.BULK: 100},
            "tiny": {Pace.ONE_BY_ONE: 5, Pace.SIDE_BY_SIDE: 10, Pace.BULK: 10},
        },
    ),
    Target(
        "nginx",
        "a static nginx, never the bottleneck",
        limit="wrk",
        items={
            "full": {Pace.ONE_BY_ONE: 2_000, Pace.SIDE_BY_SIDE: 10_000, Pace.BULK: 10_000, Pace.LONG: 1_000_000},
            "quick": {Pace.ONE_BY_ONE: 300, Pace.SIDE_BY_SIDE: 2_000, Pace.BULK: 2_000, Pace.LONG: 100_000},
            "tiny": {Pace.ONE_BY_ONE: 10, Pace.SIDE_BY_SIDE: 20, Pace.BULK: 50, Pace.LONG: 1_000},
        },
    ),
    Target(
        "far",
        "the users service 50 ms away (25 ms each way)",
        limit="wrk",
        items={
            "full": {Pace.ONE_BY_ONE: 20, Pace.SIDE_BY_SIDE: 500, Pace.BULK: 10_000},
            "quick": {Pace.ONE_BY_ONE: 5, Pace.SIDE_BY_SIDE: 100, Pace.BULK: 300},
            "tiny": {Pace.ONE_BY_ONE: 2, Pace.SIDE_BY_SIDE: 20, Pace.BULK: 20},
        },
    ),
)
