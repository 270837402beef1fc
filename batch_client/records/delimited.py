"""Tables as text: CSV (RFC 4180), and the same with tabs or any other delimiter."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, NoReturn

from batch_client.records.record import MAX_CHARACTERS, OWN_PREFIX, RecordsError

_USUAL_DELIMITERS = {";": "';'", "\t": "a tab", "|": "'|'", ",": "a comma"}


class Table:
    """A header, and rows of it; `lines` beside each row says where it begins."""

    def __init__(self, file: IO[bytes], *, delimiter: str, encoding: str) -> None:
        csv.field_size_limit(MAX_CHARACTERS)
        self._file = file
        self._encoding = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
        self._delimiter = delimiter
        self._rows = self._read()
        _, header = next(self._rows, (0, None))
        if header is None:
            raise RecordsError("The file is empty: its first row should name the columns.")
        self.header = [name.strip() for name in header]
        _check(self.header, delimiter)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self._rows

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        lines = _Lines(io.TextIOWrapper(self._file, encoding=self._encoding, newline=""))
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        begins = 1
        try:
            for row in reader:
                if row:
                    yield begins, row
                begins = reader.line_num + 1
        except UnicodeError as error:
            _not_text(self._file, self._encoding, error)
        except csv.Error as error:
            _not_a_row(str(error), begins, reader.line_num)


class _Lines:
    """Lines as they stand, none of them longer than a record may be."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_CHARACTERS + 1)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) > MAX_CHARACTERS:
            raise RecordsError(f"Line {self._number} is longer than {MAX_CHARACTERS:,} characters.")
        return line


def _check(header: Sequence[str], delimiter: str) -> None:
    if len(header) == 1:
        other = next((name for sign, name in _USUAL_DELIMITERS.items() if sign != delimiter and sign in header[0]), None)
        if other is not None:
            raise RecordsError(f"The header is one column, {header[0]!r}: does {other} divide the columns? See --delimiter.")
    for position, name in enumerate(header, 1):
        if not name:
            raise RecordsError(f"Column {position} has no name in the header.")
    twice = [name for name, count in Counter(header).items() if count > 1 and not name.startswith(OWN_PREFIX)]
    if twice:
        positions = [str(position) for position, name in enumerate(header, 1) if name == twice[0]]
        raise RecordsError(f"The header has {twice[0]!r} more than once (columns {', '.join(positions)}).")


def _not_a_row(said: str, begins: int, line: int) -> NoReturn:
    if "unexpected end of data" in said:
        said = f"a cell of the row that begins on line {begins} opens with a quote that is never closed"
        line = begins
    elif "field larger than" in said:
        said = f"a cell is longer than {MAX_CHARACTERS:,} characters; is a quote not closed on line {begins} or later?"
    elif "expected after" in said:
        said = "a cell has text behind its closing quote; a quote inside a quoted cell is written twice"
    raise RecordsError(f"Line {line} is not CSV: {said}.") from None


def _not_text(file: IO[bytes], encoding: str, error: UnicodeError) -> NoReturn:
    """Find the byte that is no text, which only a reader of lines can name, and say what may be the matter."""
    file.seek(0)
    if encoding == "utf-8-sig":
        for number, line in enumerate(iter(lambda: file.readline(MAX_CHARACTERS), b""), 1):
            try:
                line.decode()
            except UnicodeDecodeError as fault:
                hint = "the file seems to be UTF-16" if line[:2] in (b"\xff\xfe", b"\xfe\xff") else "if it is Latin-1"
                name = "utf-16" if "16" in hint else "latin-1"
                raise RecordsError(
                    f"Line {number} is not UTF-8: byte {fault.start + 1} of it is 0x{line[fault.start]:02x}; "
                    f"{hint}, say --encoding {name}."
                ) from None
    raise RecordsError(f"The file is not {encoding}: {error}.") from None
