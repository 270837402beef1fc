"""Newline-delimited JSON: a record a line (github.com/ndjson/ndjson-spec)."""

from collections.abc import Iterator
from typing import IO

from batch_client.records.json_text import NotJsonError, loads, record
from batch_client.records.record import MAX_CHARACTERS, Record, RecordsError

_BYTE_ORDER_MARK = "\ufeff"


def read_lines(file: IO[bytes]) -> Iterator[Record]:
    """Yield the object of each line; empty ones are skipped."""
    for number, line in enumerate(iter(lambda: file.readline(MAX_CHARACTERS + 1), b""), 1):
        if len(line) > MAX_CHARACTERS:
            raise RecordsError(f"Line {number} is longer than {MAX_CHARACTERS:,} bytes.")
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise RecordsError(
                f"Line {number} is not UTF-8: byte {error.start + 1} of it is 0x{line[error.start]:02x}."
            ) from None
        if number == 1:
            text = text.removeprefix(_BYTE_ORDER_MARK)
        if not text or text.isspace():
            continue
        try:
            yield record(loads(text), number)
        except NotJsonError as error:
            yield Record(number, {}, f"not JSON: {error}")
