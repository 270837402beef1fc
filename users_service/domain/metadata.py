"""A user's metadata: any JSON object, kept as its compact text so that the order of keys and big numbers survive."""

from collections.abc import Iterator, Mapping
from typing import Any

from servicekit import strict_json
from users_service.domain.errors import InvalidValueError

MAX_METADATA_BYTES = 16_384
NO_METADATA = "{}"


def metadata_text(value: Mapping[str, Any]) -> str:
    """Render metadata; raise InvalidValueError if it is over 16 KiB of JSON or has a NUL, which PostgreSQL's JSON refuses."""
    data = strict_json.dumps(value)
    if len(data) > MAX_METADATA_BYTES:
        raise InvalidValueError(f"Is {len(data)} bytes of JSON; at most {MAX_METADATA_BYTES} are kept.", field="metadata")
    # The walk is for the few that may have one: an escaped backslash before "u0000" looks the same.
    place = next(_places_of_nul(value, ()), None) if rb"\u0000" in data else None
    if place is not None:
        raise InvalidValueError("Has a NUL character.", field="metadata", path=place)
    return data.decode()


def merged_metadata(text: str, patch: Mapping[str, Any]) -> str:
    """Apply a merge patch (RFC 7396 section 2) to metadata."""
    return metadata_text(_merged(strict_json.loads(text.encode()), patch))


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result


def _places_of_nul(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str):
        if "\0" in value:
            yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _places_of_nul(key, (*path, key))
            yield from _places_of_nul(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _places_of_nul(inner, (*path, index))
