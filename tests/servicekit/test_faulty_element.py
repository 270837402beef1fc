"""In an array of thousands, a fault is found by its position."""

import pytest

from servicekit.strict_json import faulty_element


@pytest.mark.parametrize(
    ("data", "position"),
    [
        (b'[1, {"a": 1, "a": 2}, 3]', 1),
        (b'[{"a": NaN}]', 0),
        (b'[ {"a": 1} ,\n 1e999, 2]', 1),
        (b'[{}, {}, "\\ud800"]', 2),
        (b"[1, 2, oops]", 2),
        (b'[1, {"a": }, 3]', 1),
        (b"[1, 2", None),
        (b"[1 2]", None),
        (b'{"a": NaN}', None),
        (b"", None),
        (b"[", 0),
        (b"  []", 0),
        (b"[" * 200, 0),
        (b"\xff[1]", None),
    ],
)
def test_the_first_faulty_element_is_found(data: bytes, position: int | None) -> None:
    assert faulty_element(data) == position
