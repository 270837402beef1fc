"""Rows in columns, as wide as they need, shown as they come."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TextIO

from rich.cells import cell_len, set_cell_size

from batch_client.commands.plain_text import plain

_MEASURED_ROWS = 200
_GAP = "  "
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column."""

    title: str
    is_number: bool = False


def table(headings: Sequence[Heading], rows: Iterable[Sequence[str]], out: TextIO) -> Iterator[str]:
    """Yield the lines of a table; columns are as wide as the first rows need, and the last one as wide as the terminal."""
    rows = ([plain(cell) for cell in row] for row in rows)
    first = list(islice(rows, _MEASURED_ROWS))
    heads = [heading.title.upper() for heading in headings]
    widths = [max(cell_len(row[at]) for row in [heads, *first]) for at in range(len(headings))]
    widths[:-1] = [min(width, _WIDEST) for width in widths[:-1]]
    limit = shutil.get_terminal_size().columns if out.isatty() else None
    for row in chain([heads], first, rows):
        yield _line(row, headings, widths, limit)


def _line(row: Sequence[str], headings: Sequence[Heading], widths: Sequence[int], limit: int | None) -> str:
    cells = []
    for cell, heading, width in zip(row, headings, widths, strict=True):
        padding = " " * (width - cell_len(cell))
        cells.append(padding + cell if heading.is_number else cell + padding)
    line = _GAP.join(cells).rstrip()
    return line if limit is None or cell_len(line) <= limit else set_cell_size(line, max(1, limit - 1)) + "…"
