from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_service.api.lines import MAX_LINE_BYTES, lines
from servicekit.problems import ProblemError


@given(st.lists(st.binary(max_size=20).map(lambda block: block.replace(b"a", b"\n"))))
def test_lines_do_not_depend_on_the_blocks(blocks: list[bytes]) -> None:
    body = b"".join(blocks)
    assert b"".join(lines(blocks)) == body
    assert list(lines(blocks)) == [line + b"\n" for line in body.split(b"\n")[:-1]] + [body.split(b"\n")[-1]] * (
        not body.endswith(b"\n") and body != b""
    )


def test_a_line_without_end_is_refused_before_it_is_read() -> None:
    read = 0

    def blocks() -> Iterator[bytes]:
        nonlocal read
        yield b"{}\n{}\n"
        while True:
            read += 2**20
            yield b"x" * 2**20

    with pytest.raises(ProblemError, match="Line 3 is longer than 8,388,608 bytes") as caught:
        list(lines(blocks()))
    assert caught.value.status == 413
    assert read <= MAX_LINE_BYTES + 2**20
