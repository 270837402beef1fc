"""JSON as RFC 8259 means it: what Python's parser lets through beyond it is refused here.

Refused are `NaN` and `Infinity`, numbers past a double, duplicate keys, lone surrogates, any encoding but UTF-8, a byte order
mark, and nesting deeper than a limit (RFC 8259 sections 4, 6, 8 and 9 leave each of these open or forbid it).
"""

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 64

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|[][{}]', re.DOTALL)


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


def dumps(value: Any) -> bytes:
    """Render compact UTF-8 JSON of what `loads` gave, integers of any size included."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _check_depth(data: bytes, max_depth: int) -> None:
    if data.count(b"[") + data.count(b"{") <= max_depth:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(data):
        token = match.group()
        if token in (b"[", b"{"):
            depth += 1
            if depth > max_depth:
                raise InvalidJsonError(f"The body is nested deeper than {max_depth} levels.")
        elif token in (b"]", b"}"):
            depth -= 1


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
