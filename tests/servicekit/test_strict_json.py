import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.strict_json import MAX_DEPTH, InvalidJsonError, dumps, loads

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))


@given(_VALUES)
def test_what_json_can_say_is_read_and_written_unchanged(value: object) -> None:
    assert loads(dumps(value)) == value
    assert loads(json.dumps(value).encode()) == value


@given(_VALUES)
def test_what_is_written_is_one_utf_8_document(value: object) -> None:
    assert json.loads(dumps(value).decode("utf-8")) == value


@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:\\u0d8 1eE.-+nul').map(str.encode))
def test_whatever_is_sent_is_read_or_refused(data: bytes) -> None:
    try:
        value = loads(data)
    except InvalidJsonError:
        return
    assert loads(dumps(value)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"nope",
        b"[1,]",
        b'{"a":1,}',
        b"[1] [2]",
        b"// a comment\n[]",
        b"['a']",
        b"[01]",
        b"[+1]",
        b"[.5]",
        b"[0x10]",
        b'["a\nb"]',
        b'["\\x41"]',
        b'["\0"]',
        b'{1: "a"}',
    ],
)
def test_what_is_not_json_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidJsonError, match=r"The body is not JSON: .* at line \d+, column \d+"):
        loads(data)


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(name: str) -> None:
    with pytest.raises(InvalidJsonError, match=f"{name} is no JSON number"):
        loads(f'{{"n": {name}}}'.encode())


@pytest.mark.parametrize("digits", ["1e400", "-1e400", "1" + "0" * 400 + ".0", "9" * 300 + "e300"])
def test_a_number_past_a_double_is_refused(digits: str) -> None:
    with pytest.raises(InvalidJsonError, match="out of range"):
        loads(f"[{digits}]".encode())


@pytest.mark.parametrize("digits", ["0", "-0", "1e308", "1E-400", "0.1", "9007199254740993", "9" * 4300])
def test_any_other_number_is_read_exactly(digits: str) -> None:
    assert loads(f"[{digits}]".encode()) == [json.loads(digits)]


def test_an_integer_that_would_take_long_to_read_is_refused() -> None:
    with pytest.raises(InvalidJsonError, match="too many digits"):
        loads(b"[" + b"9" * 100_000 + b"]")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b'{"method":"GET","method":"DELETE"}', '"method"'),
        (b'[{"a":{"b":1,"c":2,"b":3}}]', '"b"'),
        (b'{"a":1,"\\u0061":2}', '"a"'),
        (b'{"":1,"":2}', '""'),
    ],
)
def test_a_key_that_stands_twice_is_refused_by_its_name(data: bytes, key: str) -> None:
    with pytest.raises(InvalidJsonError, match=f"The key {key} stands twice"):
        loads(data)


@pytest.mark.parametrize("text", [r'["\ud800"]', r'["\udfff"]', r'{"\ud800":1}', r'["\ude00\ud83d"]', r'[{"a":["\uDBFF"]}]'])
def test_a_lone_surrogate_is_refused(text: str) -> None:
    with pytest.raises(InvalidJsonError, match="lone surrogate"):
        loads(text.encode())


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert loads(rb'["\ud83d\ude00", "\\ud800"]') == ["😀", "\\ud800"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_any_encoding_but_utf_8_is_refused(encoding: str) -> None:
    with pytest.raises(InvalidJsonError):
        loads('[{"name": "Zoë"}]'.encode(encoding))


@pytest.mark.parametrize("data", [b'["\xff"]', b'["\xc3"]', b'["\xed\xa0\x80"]', b'["\xc0\xaf"]', b'["Zo\xeb"]'])
def test_what_is_not_utf_8_is_refused_with_its_place(data: bytes) -> None:
    with pytest.raises(InvalidJsonError, match=r"not UTF-8 \(byte \d+\)"):
        loads(data)


def test_a_nul_in_a_string_is_a_character_like_any_other() -> None:
    assert loads(rb'["\u0000"]') == ["\0"]


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_nesting_has_a_limit(opening: bytes, closing: bytes) -> None:
    depth = MAX_DEPTH // (opening.count(b"[") + opening.count(b"{"))
    assert loads(opening * depth + b"1" + closing * depth)
    with pytest.raises(InvalidJsonError, match="nested deeper than 64"):
        loads(opening * depth + b"[1]" + closing * depth)


@pytest.mark.parametrize("depth", [1_000, 100_000, 1_000_000])
def test_nesting_far_past_the_limit_is_refused_and_not_a_crash(depth: int) -> None:
    for data in (b"[" * depth + b"]" * depth, b"[" * depth, b'{"a":' * depth, b'["[",' + b"[" * depth):
        with pytest.raises(InvalidJsonError, match="nested deeper"):
            loads(data)


def test_brackets_in_strings_and_side_by_side_do_not_nest() -> None:
    value = ["[{" * 100, '\\"[[', {"]}": "\\"}, *[[{}]] * 100]
    assert loads(dumps(value)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 65 + b'"' + b'\\"' * 500_000,
        b"[" * 65 + b"]" * 65 + b'"' * 1_000_001,
        b"[" * 65 + b"\\" * 1_000_001,
        b'["' + b"[" * 1_000_000 + b'"]',
        b"[" + b'"a",' * 250_000 + b'"a"]',
    ],
)
def test_reading_takes_linear_time(data: bytes) -> None:
    before = time.monotonic()
    with suppress(InvalidJsonError):
        loads(data)
    assert time.monotonic() - before < 2.0
