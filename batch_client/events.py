"""Server-Sent Events (WHATWG HTML section 9.2), read as they come."""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MEDIA_TYPE = "text/event-stream"
_MAX_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `id` is the last that was given, its own or an earlier one's."""

    name: str
    data: str
    id: str


def read_events(blocks: Iterable[bytes]) -> Iterator[Event | None]:
    """Yield the events of a stream, and None for a comment: whoever sends one is still there.

    An event that the stream breaks off is not yielded, as the standard has it.
    """
    name, data, last_id = "", list[str](), ""
    for line in _lines(blocks):
        if not line:
            if data:
                yield Event(name or "message", "\n".join(data), last_id)
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not field:
            yield None
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id" and "\0" not in value:
            last_id = value


def _lines(blocks: Iterable[bytes]) -> Iterator[str]:
    """Split at CR LF, LF or CR, wherever the blocks end; what has no end is no line."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    text, after_cr = "", False
    for block in blocks:
        part = decoder.decode(block)
        if after_cr:
            part, after_cr = part.removeprefix("\n"), not part
        text += part
        *lines, text = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        after_cr = after_cr or part.endswith("\r")
        yield from lines
        if len(text) > _MAX_LINE:
            return
