"""Server-Sent Events (WHATWG HTML section 9.2), read as they come."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MEDIA_TYPE = "text/event-stream"
_COME_AGAIN_S = 2.0
_MAX_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Event:
    """One event, by its name."""

    name: str
    data: str


class EventReader:
    """Reads the events of one source, over as many connections as it takes."""

    def __init__(self) -> None:
        self.last_id = ""
        """What the next connection begins after."""
        self.come_again_s = _COME_AGAIN_S
        """How long to wait before the next connection."""

    def read(self, blocks: Iterable[bytes]) -> Iterator[Event | None]:
        """Yield the events of a connection, and None for a comment: whoever sends one is still there.

        An event that the connection breaks off is not yielded, as the standard has it.
        """
        name, data, last_id = "", list[str](), self.last_id
        for line in _lines(blocks):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                self.last_id = last_id
                if data:
                    yield Event(name or "message", "\n".join(data))
                name, data = "", []
            elif not field:
                yield None
            elif field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif field == "id" and "\0" not in value:
                last_id = value
            elif field == "retry" and re.fullmatch(r"[0-9]{1,6}", value):
                self.come_again_s = int(value) / 1000


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
