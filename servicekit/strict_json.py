"""JSON as RFC 8259 means it: what Python's parser lets through beyond it is refused here.

Refused are `NaN` and `Infinity`, numbers past a double, duplicate keys, lone surrogates, any encoding but UTF-8, a byte order
mark, and nesting deeper than a limit (RFC 8259 sections 4, 6, 8 and 9 leave each of these open or forbid it).
"""

import json
import math
import re
from itertools import accumulate
from typing import Any, NoReturn

import orjson

MAX_DEPTH = 64

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_STEP_AND_1 = bytes.maketrans(b"[{]}", b"\2\2\0\0")

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_LOOKED_THROUGH = 20_000  # elements: a body that is wrong must not cost more than one that is right


class InvalidJsonError(ValueError):
    """The bytes are not JSON as RFC 8259 means it; the text says what to change."""


def loads(data: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Parse UTF-8 JSON; raise InvalidJsonError with one plain sentence if it is anything else."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise InvalidJsonError("The body starts with a byte order mark; send plain UTF-8.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidJsonError(f"The body is not UTF-8 (byte {error.start}).") from None
    _check_depth(data, max_depth)
    try:
        value = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant, parse_float=_finite_float)
    except InvalidJsonError:
        raise
    except json.JSONDecodeError as error:
        raise InvalidJsonError(
            f"The body is not JSON: {error.msg.lower()} at line {error.lineno}, column {error.colno}."
        ) from None
    except ValueError:  # int() refuses more than 4,300 digits (CVE-2020-10735)
        raise InvalidJsonError("The body has a number with too many digits.") from None
    if _SURROGATE_ESCAPE.search(data):
        _refuse_lone_surrogates(value)
    return value


def raw_loads(text: str, at: int, *, max_depth: int = MAX_DEPTH) -> tuple[Any, int]:
    """Parse the value that begins at a position of a text, and say where it ends.

    Raises:
        json.JSONDecodeError: there is no whole value; perhaps more of the text would make it one.
        InvalidJsonError: it is not JSON as RFC 8259 means it, whatever follows.
    """
    try:
        value, end = _STRICT.raw_decode(text, at)
    except (InvalidJsonError, json.JSONDecodeError):
        raise
    except RecursionError:
        raise InvalidJsonError(f"The body is nested deeper than {max_depth} levels.") from None
    except ValueError:  # int() refuses more than 4,300 digits (CVE-2020-10735)
        raise InvalidJsonError("The body has a number with too many digits.") from None
    data = text[at:end].encode(errors="surrogatepass")
    _check_depth(data, max_depth)
    if _SURROGATE_ESCAPE.search(data):
        _refuse_lone_surrogates(value)
    return value, end


def faulty_element(data: bytes) -> int | None:
    """Find the position of the first element of an array that `loads` refuses; None if that cannot be said."""
    text = data.decode(errors="replace")
    at = _after_space(text, 0)
    if text[at : at + 1] != "[":
        return None
    for position in range(_LOOKED_THROUGH):
        at = _after_space(text, at + 1)
        try:
            end = _DECODER.raw_decode(text, at)[1]
            loads(text[at:end].encode())
        except (ValueError, RecursionError):
            return position
        at = _after_space(text, end)
        if text[at : at + 1] != ",":
            return None
    return None


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def dumps(value: Any) -> bytes:
    """Render compact UTF-8 JSON of what `loads` gave, integers of any size included."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _check_depth(data: bytes, max_depth: int) -> None:
    """Count brackets outside of strings, in linear time whatever is sent, and before the parser recurses."""
    if data.count(b"[") + data.count(b"{") <= max_depth:
        return
    # As far as this is JSON an escape stands in a string, and between two quotes without an escape stands a string.
    plain = _ESCAPE.sub(b"", data) if b"\\" in data else data
    outside = b"".join(plain.split(b'"')[::2])
    steps = (step - 1 for step in outside.translate(_STEP_AND_1, _NO_BRACKET))
    if any(depth > max_depth for depth in accumulate(steps)):
        raise InvalidJsonError(f"The body is nested deeper than {max_depth} levels.")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InvalidJsonError(f"The key {json.dumps(twice)} stands twice in one object.")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidJsonError(f"{name} is no JSON number.")


def _finite_float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise InvalidJsonError(f"The number {digits[:32]} is out of range.")
    return number


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidJsonError("A string has a lone surrogate (\\ud800 to \\udfff without its pair).") from None


_STRICT = json.JSONDecoder(object_pairs_hook=_unique_keys, parse_constant=_refuse_constant, parse_float=_finite_float)
