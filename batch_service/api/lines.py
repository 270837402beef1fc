"""A body cut into lines, one in memory at a time."""

from collections.abc import Iterable, Iterator

from servicekit.problems import ProblemError

MAX_LINE_BYTES = 8 * 2**20


def lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a body, each with the LF that ends it; raise a 413 for one that does not end.

    The last needs none: who was interrupted sent a body without its end, and the server has noticed that.
    """
    rest = b""
    number = 1
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line + b"\n"
        number += len(whole)
        if len(rest) > MAX_LINE_BYTES:
            raise ProblemError(413, f"Line {number} is longer than {MAX_LINE_BYTES:,} bytes.", code="line_too_long")
    if rest:
        yield rest
