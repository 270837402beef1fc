"""Marshmallow's messages turned into problem documents: a pointer for each fault, a sentence for the first."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NoReturn

from marshmallow import Schema, ValidationError

from servicekit.problems import FieldError, ProblemError, pointer

MAX_ERRORS = 100

_MISSING = "Missing data for required field."
_UNKNOWN = "Unknown field."
_CODES = {_MISSING: "missing_field", _UNKNOWN: "unknown_field"}


def field_errors(messages: Any) -> list[FieldError]:
    """Flatten the nested messages of a marshmallow error, in the order of the schema.

    At most `MAX_ERRORS`, of which the last says so if there are more: a body of a megabyte has room for 100,000 faults.
    """
    leaves = islice(_leaves(messages, ()), MAX_ERRORS + 1)
    errors: list[FieldError] = [{"pointer": pointer(path), "detail": _detail(path, text)} for path, text in leaves]
    if len(errors) > MAX_ERRORS:
        errors[MAX_ERRORS - 1 :] = [{"pointer": "", "detail": f"There are more faults; these are the first {MAX_ERRORS - 1}."}]
    return errors


def refuse(error: ValidationError, *, status: int = 400) -> NoReturn:
    """Raise the problem that says what is wrong with a body or with a query."""
    errors = field_errors(error.messages)
    _, first = next(_leaves(error.messages, ()))
    raise ProblemError(status, errors[0]["detail"], code=_CODES.get(first, "invalid_field"), errors=errors) from None


def load(schema: Schema, data: Any) -> Any:
    """Load data through a schema; raise a 400 problem with a pointer for each fault."""
    try:
        return schema.load(data)
    except ValidationError as error:
        refuse(error)


def _leaves(messages: Any, path: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _leaves(inner, path if key == "_schema" else (*path, key))
    elif isinstance(messages, list):
        for text in messages:
            yield from _leaves(text, path)
    else:
        yield path, str(messages)


def _detail(path: tuple[object, ...], text: str) -> str:
    name = ".".join(str(part) for part in path)
    if text == _MISSING:
        return f"Missing {name}"
    if text == _UNKNOWN:
        return f"Unknown field {name}"
    if not name:
        return text
    return f"Invalid {name}: {text[:1].lower()}{text[1:].rstrip('.')}"
