"""Rows of a CSV file (RFC 4180) as items: each becomes the body of a POST."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

from batch_service.domain.batch import Draft
from batch_service.domain.refusal import Refusal
from servicekit import strict_json
from servicekit.problems import ProblemError

MEDIA_TYPE = "text/csv"
_BYTE_ORDER_MARK = "\ufeff"  # spreadsheets put it there
_Path = tuple[str, ...]


def read_drafts(lines: Iterable[bytes]) -> Iterator[Draft]:
    """Read an item of each row behind the header, whose names are members of the body: `address.city` is one within one.

    Cells are text, and an empty one says nothing: its member is left out. A row that has more or fewer cells than the header is
    that item's own fault; what cannot be read as CSV raises a 400 problem.
    """
    reader = csv.reader(_text(lines), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            return
        paths = _paths(header)
        for row in reader:
            if row:
                yield _draft(paths, row)
    except csv.Error as error:
        _refuse(f"Line {reader.line_num} is not CSV: {error}.")


def _text(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            _refuse(f"Line {number} is not UTF-8 (byte {error.start}).")
        yield text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text


def _paths(header: Sequence[str]) -> list[_Path]:
    paths = [tuple(name.strip().split(".")) for name in header]
    known: set[_Path] = set()
    for name, path in zip(header, paths, strict=True):
        if not all(path):
            _refuse(f"The header has {name!r} in it; a column needs a name, and so does each part of one between dots.")
        if path in known:
            _refuse(f"The header has {name!r} in it twice.")
        known.add(path)
    inner = next((path for path in paths if any(path[:size] in known for size in range(1, len(path)))), None)
    if inner is not None:
        _refuse(f"The header has {'.'.join(inner)!r} in it, and what that lies in: a member is text or an object, not both.")
    return paths


def _draft(paths: Sequence[_Path], row: Sequence[str]) -> Draft:
    if len(row) != len(paths):
        sentence = f"The row has {len(row)} cells, and the header {len(paths)}"
        return Draft(fault=Refusal(400, "invalid_item", sentence, ""))
    body: dict[str, Any] = {}
    for path, cell in zip(paths, row, strict=True):
        if cell:
            inner = body
            for name in path[:-1]:
                inner = inner.setdefault(name, {})
            inner[path[-1]] = cell
    return Draft(body=strict_json.dumps(body))


def _refuse(sentence: str) -> NoReturn:
    raise ProblemError(400, sentence, code="invalid_csv") from None
