"""A table as text: one target, a line a row."""

from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.measure import COLUMNS
from benchmarks.rounds import Table

_HEAD = (
    "row", "items", "items/s", "(min-max)", "x loop", "(min-max)", "x limit",
    *(f"µs {column}" for column in COLUMNS), *(f"MiB {column}" for column in COLUMNS), "conns",
)  # fmt: skip


def lines(table: Table) -> Iterator[str]:
    """Write the table; probes measure no items a second and have no line."""
    yield f"{table.target.title} (limit: {table.target.limit})"
    cells = [_HEAD, *(_cells(table, name, title) for name, title in table.lines)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    for line in cells:
        title, *others = zip(line, widths, strict=True)
        yield "  ".join([title[0].ljust(title[1]), *(cell.rjust(width) for cell, width in others)]).rstrip()
    for row in table.rows:
        if row.name in table.not_run:
            why = table.not_run[row.name]
            yield f"{row.title}: {why if why.startswith('FAILED') else f'NOT TRIED: {why}'}"


def _cells(table: Table, name: str, title: str) -> tuple[str, ...]:
    rates = table.values(name, lambda one: one.rate)
    to_base, to_limit = table.ratios(name, table.target.base), table.ratios(name, table.target.limit)
    cpu = [table.of_column(name, lambda one: one.cpu_us, column) for column in COLUMNS]
    peaks = [table.of_column(name, lambda one: one.peak_mib, column) for column in COLUMNS]
    return (
        title,
        f"{median(table.values(name, lambda one: one.items)):,.0f}",
        f"{median(rates):,.0f}",
        f"({min(rates):,.0f}-{max(rates):,.0f})",
        f"{median(to_base):.2f}" if to_base else "-",
        _span(to_base),
        f"{median(to_limit):.2f}" if to_limit else "-",
        *(_or_dash(value) for value in cpu),
        *(_or_dash(value) for value in peaks),
        # The first round opens what later ones may find open still.
        f"{max(table.values(name, lambda one: one.connections)):,.0f}",
    )


def _span(values: Sequence[float]) -> str:
    return f"({min(values):.2f}-{max(values):.2f})" if values else ""


def _or_dash(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
