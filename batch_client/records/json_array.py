"""A JSON array of records, read as it comes: one of them in memory at a time."""

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any, NoReturn

from batch_client.records.json_text import NotJsonError, raw_loads, record
from batch_client.records.record import MAX_CHARACTERS, Record, RecordsError

_BLOCK_BYTES = 256 * 1024
_SPACE = " \t\n\r"
_NUMBER_GOES_ON = ("", *"+-.0123456789Ee")


def read_array(file: IO[bytes]) -> Iterator[Record]:
    """Yield each object of the array."""
    text = _Text(file)
    opening = text.next()
    if opening != "[":
        text.refuse("the file is one JSON object, and an array of them is wanted" if opening == "{" else "it is no array")
    if text.peek() == "]":
        text.next()
    else:
        delimiter = ","
        while delimiter == ",":
            text.peek()
            line = text.line
            yield record(text.value(), line)
            delimiter = text.next()
        if delimiter != "]":
            text.refuse("expecting ',' or ']'")
    if text.next():
        text.refuse("there is something behind the array")


class _Text:
    """What of a text has come and was not read yet, and the line it begins on."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._line = 1
        self._counted = 0  # where that line was counted

    @property
    def line(self) -> int:
        """The line of what comes next."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def refuse(self, why: str) -> NoReturn:
        raise RecordsError(f"Line {self.line} is not JSON: {why}.") from None

    def next(self) -> str:
        """Take the next character that is no space; an empty text at the end."""
        character = self.peek()
        self._at += len(character)
        return character

    def peek(self) -> str:
        """Look at the character that `next` would take."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def value(self) -> Any:
        """Parse the value that comes next."""
        while True:
            fault = "expecting a value"
            try:
                value, end = raw_loads(self._text, self._at)
            except json.JSONDecodeError as error:
                fault, at = f"{error.msg[:1].lower()}{error.msg[1:]}", error.pos
            except NotJsonError as error:
                self.refuse(str(error))
            else:
                if self._text[end : end + 1] not in _NUMBER_GOES_ON or not self._more():
                    self._at = end
                    return value
                continue
            if len(self._text) - self._at > MAX_CHARACTERS:
                self.refuse(f"an element that begins there is longer than {MAX_CHARACTERS:,} characters")
            left = self._at
            if not self._more():
                self._at += at - left
                self.refuse(fault)

    def _more(self) -> bool:
        """Take in as much again as is left, so that a long element is not parsed too often; say whether there was anything."""
        self._forget()
        wanted = max(_BLOCK_BYTES, len(self._text))
        block = self._file.read(wanted)
        try:
            part = self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            line = self._line + self._text.count("\n", self._counted) + error.object[: error.start].count(b"\n")
            raise RecordsError(f"Line {line} is not UTF-8: it has the byte 0x{error.object[error.start]:02x}.") from None
        self._text += part
        return bool(block)

    def _forget(self) -> None:
        self._line = self.line
        self._text, self._at, self._counted = self._text[self._at :], 0, 0
