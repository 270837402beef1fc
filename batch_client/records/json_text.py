"""JSON as one may rely on: no member twice, no NaN, not nested without end."""

import json
from typing import Any

from batch_client.records.record import Record


class NotJsonError(ValueError):
    """A text is not such JSON; the message says what is the matter, without where."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        raise NotJsonError(f"an object has {next(name for name in names if names.count(name) > 1)!r} twice")
    return value


def _constant(name: str) -> Any:
    raise NotJsonError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def dumps(value: Any) -> bytes:
    """Write JSON in UTF-8, on one line."""
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError:
        raise NotJsonError("a text has half of a surrogate pair in it") from None
    except RecursionError:
        raise NotJsonError("it is nested too deep") from None


def raw_loads(text: str, at: int) -> tuple[Any, int]:
    """Read the value that begins there; return it and where it ends. `json.JSONDecodeError` is raised as it is."""
    try:
        return _DECODER.raw_decode(text, at)
    except RecursionError:
        raise NotJsonError("it is nested too deep") from None


def loads(text: str) -> Any:
    """Read one value, and nothing behind it."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJsonError(f"{error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}") from None
    except RecursionError:
        raise NotJsonError("it is nested too deep") from None


def record(value: Any, line: int) -> Record:
    """Make the record of a value, which should be an object, as a body is."""
    if isinstance(value, dict):
        return Record(line, value)
    kind = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")
    return Record(line, {}, f"a record is a JSON object, and this is {kind}")
