"""A JSON array read element by element, as it comes: one element in memory at a time, by the rules of `strict_json`."""

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any

from servicekit import strict_json
from servicekit.strict_json import InvalidJsonError

MAX_ELEMENT_CHARACTERS = 8 * 2**20
_SPACE = " \t\n\r"
_NUMBER_GOES_ON = ("", *"+-.0123456789Ee")


class NotAnArrayError(ValueError):
    """The text is no array, whatever else it is."""


class ElementTooLongError(ValueError):
    """An element does not end where it should have long ended."""


class InvalidElementError(InvalidJsonError):
    """An element, or what stands behind it, is not JSON."""

    def __init__(self, text: str, position: int) -> None:
        super().__init__(text)
        self.position = position


def elements(blocks: Iterable[bytes]) -> Iterator[Any]:
    """Yield the elements of an array; when the last was yielded every block has been read.

    Raises:
        NotAnArrayError: the first character is no `[`.
        InvalidElementError: the text is not JSON from that element on; those before it were yielded.
        ElementTooLongError: an element is longer than `MAX_ELEMENT_CHARACTERS`.
    """
    position = 0
    try:
        for value in _values(_Text(blocks)):
            yield value
            position += 1
    except InvalidJsonError as error:
        raise InvalidElementError(str(error), position) from None


def _values(text: "_Text") -> Iterator[Any]:
    if text.next() != "[":
        raise NotAnArrayError
    if text.peek() == "]":
        text.next()
    else:
        delimiter = ","
        while delimiter == ",":
            yield text.value()
            delimiter = text.next()
        if delimiter != "]":
            raise InvalidJsonError("The body is not JSON: expecting ',' delimiter.")
    if text.next():
        raise InvalidJsonError("The body is not JSON: extra data.")


class _Text:
    """What of a text has come and was not read yet."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0

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
        self.peek()
        while True:
            fault: InvalidJsonError | None = None
            try:
                value, end = strict_json.raw_loads(self._text, self._at)
            except json.JSONDecodeError as error:
                fault = InvalidJsonError(f"The body is not JSON: {error.msg.lower()}.")
            else:
                if self._text[end : end + 1] not in _NUMBER_GOES_ON:
                    self._at = end
                    return value
            if len(self._text) - self._at > MAX_ELEMENT_CHARACTERS:
                raise ElementTooLongError
            if not self._more():
                if fault is not None:
                    raise fault
                self._at = end
                return value

    def _more(self) -> bool:
        """Take in as much again as is left, so that a long element is not parsed too often; say whether there was anything."""
        left = self._text[self._at :]
        parts, size = [left], 0
        while size <= len(left):
            block = next(self._blocks, None)
            try:
                part = self._decoder.decode(block or b"", final=block is None)
            except UnicodeDecodeError:
                raise InvalidJsonError("The body is not UTF-8.") from None
            parts.append(part)
            size += len(part)
            if block is None:
                break
        self._text, self._at = "".join(parts), 0
        return size > 0
