"""What a command found, as a table for people or as JSON, CSV or NDJSON for programs."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import click

from batch_client.commands.tables import Heading, table

Document = Mapping[str, Any]
FORMATS = ("table", "json", "csv", "ndjson")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

output_option = click.option(
    "-o", "--output", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="How to print the answer."
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table and of a CSV file; the table leaves out one without a title."""

    name: str
    title: str
    value: Callable[[Document], Any]
    is_number: bool = False
    shown: Callable[[Document], str] | None = None
    """How a table says it, where that is not as a CSV file does."""


def write(documents: Iterable[Document], columns: Sequence[Column], form: str, out: TextIO) -> None:
    """Write documents as they come; JSON is an array of them."""
    _WRITERS[form](documents, columns, out)
    out.flush()


def _write_table(documents: Iterable[Document], columns: Sequence[Column], out: TextIO) -> None:
    shown = [column for column in columns if column.title]
    headings = [Heading(column.title, column.is_number) for column in shown]
    rows = ([_shown(column, document) for column in shown] for document in documents)
    for line in table(headings, rows, out):
        out.write(f"{line}\n")


def _shown(column: Column, document: Document) -> str:
    return column.shown(document) if column.shown else _text(column.value(document))


def _write_json(documents: Iterable[Document], columns: Sequence[Column], out: TextIO) -> None:
    before = "["
    for document in documents:
        out.write(f"{before}\n{_json(document)}")
        before = ","
    out.write("[]\n" if before == "[" else "\n]\n")


def _write_ndjson(documents: Iterable[Document], columns: Sequence[Column], out: TextIO) -> None:
    for document in documents:
        out.write(f"{_json(document)}\n")


def _write_csv(documents: Iterable[Document], columns: Sequence[Column], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for document in documents:
        writer.writerow([_harmless(_text(column.value(document))) for column in columns])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else _json(value) if isinstance(value, dict | list) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _harmless(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula (CWE-1236)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


_WRITERS: dict[str, Callable[[Iterable[Document], Sequence[Column], TextIO], None]] = {
    "table": _write_table,
    "json": _write_json,
    "csv": _write_csv,
    "ndjson": _write_ndjson,
}
