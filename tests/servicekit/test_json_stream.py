import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit import json_stream, strict_json
from servicekit.json_stream import ElementTooLongError, InvalidElementError, NotAnArrayError, elements

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


@given(st.lists(JSON), st.booleans(), st.lists(st.integers(0, 9)), st.sampled_from([None, 1]))
def test_the_elements_are_those_of_the_array(array: list[Any], ascii_: bool, sizes: list[int], indent: int | None) -> None:
    data = json.dumps(array, ensure_ascii=ascii_, indent=indent).encode()
    assert list(elements(cut(data, sizes))) == array
    assert list(elements(data[place : place + 1] for place in range(len(data)))) == array


@given(st.binary(max_size=40).map(lambda rubbish: b"[" + rubbish + b"]"), st.lists(st.integers(0, 9)))
def test_what_is_refused_as_a_whole_is_refused_in_parts(data: bytes, sizes: list[int]) -> None:
    try:
        whole: Any = strict_json.loads(data)
    except strict_json.InvalidJsonError:
        whole = None
    try:
        in_parts = list(elements(cut(data, sizes)))
    except InvalidElementError:
        in_parts = None
    assert in_parts == whole


@pytest.mark.parametrize("data", [b"", b" ", b"{}", b'"["', b"null", b"\xef\xbb\xbf[]", b"x"])
def test_what_is_no_array(data: bytes) -> None:
    with pytest.raises(NotAnArrayError):
        list(elements([data]))


@pytest.mark.parametrize(
    ("data", "position", "sentence"),
    [
        (b"[1, 2", 2, "The body is not JSON: expecting ',' delimiter."),
        (b"[1, 2,", 2, "The body is not JSON: expecting value."),
        (b"[1,]", 1, "The body is not JSON: expecting value."),
        (b"[,1]", 0, "The body is not JSON: expecting value."),
        (b"[", 0, "The body is not JSON: expecting value."),
        (b"[1 2]", 1, "The body is not JSON: expecting ',' delimiter."),
        (b"[1] 2", 1, "The body is not JSON: extra data."),
        (b'[{"a": 1}, {"a": 1, "a": 2}]', 1, 'The key "a" stands twice in one object.'),
        (b"[1, NaN]", 1, "NaN is no JSON number."),
        (b"[1, 1e999]", 1, "The number 1e999 is out of range."),
        (b"[1, " + b"9" * 5_000 + b"]", 1, "The body has a number with too many digits."),
        (b"[1, " + b"[" * 65 + b"]" * 65 + b"]", 1, "The body is nested deeper than 64 levels."),
        (b"[" * 100_000, 0, "The body is nested deeper than 64 levels."),
        (b'[1, "\\ud800"]', 1, "A string has a lone surrogate (\\ud800 to \\udfff without its pair)."),
        (b'[1, "\xff"]', 0, "The body is not UTF-8."),
        (b'[1, "\xc3', 1, "The body is not UTF-8."),
        (b'[1, "\xed\xa0\x80"]', 0, "The body is not UTF-8."),
    ],
)
def test_what_is_not_json(data: bytes, position: int, sentence: str) -> None:
    with pytest.raises(InvalidElementError) as caught:
        list(elements([data]))
    assert (str(caught.value), caught.value.position) == (sentence, position)


def test_elements_come_before_the_rest_is_read() -> None:
    read = 0

    def blocks() -> Iterator[bytes]:
        nonlocal read
        yield b"["
        while True:
            read += 1
            yield b'{"n": 1}, '

    coming = elements(blocks())
    for wanted in range(1, 100):
        assert next(coming) == {"n": 1}
        assert read <= wanted + 2


def test_an_element_without_end_is_not_read_to_it() -> None:
    read = 0

    def blocks() -> Iterator[bytes]:
        nonlocal read
        yield b'[1, "'
        while True:
            read += 65_536
            yield b"x" * 65_536

    with pytest.raises(ElementTooLongError):
        list(elements(blocks()))
    assert read <= 3 * json_stream.MAX_ELEMENT_CHARACTERS


def test_the_longest_element_is_parsed_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = 0
    raw_loads = strict_json.raw_loads

    def count(text: str, at: int) -> tuple[Any, int]:
        nonlocal parsed
        parsed += len(text) - at
        return raw_loads(text, at)

    monkeypatch.setattr(strict_json, "raw_loads", count)
    long = "x" * 4_000_000
    data = json.dumps([long]).encode()
    assert list(elements(data[first : first + 65_536] for first in range(0, len(data), 65_536))) == [long]
    assert parsed <= 4 * len(data)
