"""Several rounds in which every row has its turn, so that what else the machine does meets all of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from benchmarks.children import ChildError
from benchmarks.measure import Measured, Measurer, RowError
from benchmarks.row import Pace, Row
from benchmarks.target import Target

STORED = ", stored"


@dataclass(slots=True)
class Table:
    """One target: what each row measured, round by round, and why a row was not run."""

    target: Target
    rows: Sequence[Row]
    measured: dict[str, list[Measured]] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Name and title of what was measured, in order; a job has two lines. Probes have none: they compare nothing."""
        titles = [(row.name, row.title) for row in self.rows if row.pace is not Pace.PROBE]
        both = [line for name, title in titles for line in ((name, title), (name + STORED, "  to its last result stored"))]
        return [line for line in both if self.has(line[0])]

    def add(self, name: str, measured: Measured) -> None:
        """Take in what one round measured."""
        self.measured.setdefault(name, []).append(measured)
        if "stored_s" in measured.also:
            self.measured.setdefault(name + STORED, []).append(replace(measured, seconds=measured.also["stored_s"]))

    def has(self, name: str) -> bool:
        """Say whether a row has numbers."""
        return bool(self.measured.get(name)) and name.removesuffix(STORED) not in self.not_run

    def ratios(self, name: str, to: str) -> list[float]:
        """Divide a row's items a second by those of another, round by round; nothing where either has none."""
        if not (self.has(name) and self.has(to)):
            return []
        return [one.rate / other.rate for one, other in zip(self.measured[name], self.measured[to], strict=False)]

    def values(self, name: str, read: Callable[[Measured], float]) -> list[float]:
        """Read a number of every round of a row."""
        return [read(one) for one in self.measured[name]] if self.has(name) else []

    def of_column(self, name: str, read: Callable[[Measured], Mapping[str, float]], column: str) -> float | None:
        """The median of one process's number, None where the row has no such process."""
        found = [values[column] for one in self.measured.get(name, []) if column in (values := read(one))]
        return median(found) if found else None


def run_table(
    target: Target,
    rows: Sequence[Row],
    measure: Measurer,
    *,
    size: str,
    rounds: int,
    ends_by: float,
    say: Callable[[str], None],
) -> Table:
    """Run every row that has a place at the target in turn, the other way round in every second round.

    No further round begins after `ends_by`, on the monotonic clock.
    """
    table = Table(target, [row for row in rows if target.name in row.targets and row.pace in target.items[size]])
    reason = measure.world.missing.get(target.name)
    for row in table.rows:
        why = reason or row.missing(measure.call(target, row, 0))
        if why:
            table.not_run[row.name] = why
    for number in range(rounds):
        if number and time.monotonic() > ends_by:
            break
        for row in table.rows[:: -1 if number % 2 else 1]:
            if row.name in table.not_run or (row.pace is Pace.LONG and number):
                continue
            items = target.items[size][row.pace]
            try:
                measured = measure(target, row, items, first=number == 0)
            except (RowError, ChildError) as error:
                table.not_run[row.name] = f"FAILED: {error}"
                say(f"{target.name} {number + 1}/{rounds} {row.name}: FAILED: {error}")
                continue
            table.add(row.name, measured)
            say(f"{target.name} {number + 1}/{rounds} {row.name}: {measured.items} items in {measured.seconds:.2f} s")
    return table
