"""Records that failed, written as they stood with what was said of them, so that they can be mended and imported again."""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from batch_client.records.formats import Records
from batch_client.records.json_text import dumps
from batch_client.records.record import OWN_PREFIX, Record

_SAID = tuple(f"{OWN_PREFIX}{name}" for name in ("line", "responseCode", "error"))
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Rejection:
    """What became of the item of the record at that index."""

    index: int
    response_code: str
    error: str


def write_rejects(path: Path, records: Records, rejections: Iterable[Rejection]) -> int:
    """Write the records of the rejections, which come in the order of the file; return how many there were.

    The file is written whole or not at all: one of that name stays as it is until then.
    """
    with _whole(path) as file, records.open() as opened:
        writer = _writer(records, file, opened.header)
        count = 0
        for record, rejection in _pairs(opened.records, rejections):
            writer.write(record, (record.line, rejection.response_code, rejection.error))
            count += 1
        writer.end()
    return count


def _pairs(records: Iterator[Record], rejections: Iterable[Rejection]) -> Iterator[tuple[Record, Rejection]]:
    numbered = enumerate(records)
    for rejection in rejections:
        yield next(record for index, record in numbered if index == rejection.index), rejection


class _TableWriter:
    def __init__(self, file: IO[bytes], header: list[str], *, delimiter: str, encoding: str) -> None:
        self._text = io.TextIOWrapper(file, encoding=encoding, newline="", write_through=True)
        self._writer = csv.writer(self._text, delimiter=delimiter)
        self._columns = [name for name in header if not name.startswith(OWN_PREFIX)]
        self._writer.writerow([*self._columns, *_SAID])

    def write(self, record: Record, said: tuple[Any, ...]) -> None:
        # What a spreadsheet would run as a formula (CWE-1236) is only disarmed where it is not the sender's own.
        harmless = (f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text for text in said)
        self._writer.writerow([*(record.values[name] for name in self._columns), *harmless])

    def end(self) -> None:
        self._text.detach()


class _JsonWriter:
    def __init__(self, file: IO[bytes], *, is_array: bool) -> None:
        self._file = file
        self._is_array = is_array
        self._delimiter = b"[\n" if is_array else b""

    def write(self, record: Record, said: tuple[Any, ...]) -> None:
        own = {name: value for name, value in record.values.items() if not name.startswith(OWN_PREFIX)}
        self._file.write(self._delimiter + dumps({**own, **dict(zip(_SAID, said, strict=True))}))
        self._delimiter = b",\n" if self._is_array else b"\n"

    def end(self) -> None:
        if not self._is_array:
            self._file.write(self._delimiter)  # nothing, where there was no record
        else:
            self._file.write(b"\n]\n" if self._delimiter != b"[\n" else b"[]\n")


def _writer(records: Records, file: IO[bytes], header: list[str] | None) -> _TableWriter | _JsonWriter:
    form = records.form
    if header is not None:
        return _TableWriter(file, header, delimiter=form.delimiter, encoding=form.encoding)
    return _JsonWriter(file, is_array=form.format == "json")


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """Write beside a file, and put what was written in its place at the end; nobody else may read it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
