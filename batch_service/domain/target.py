"""Where an item goes: its `path` and `query` resolved under the entity's collection, and proven to stay there.

Nothing is repaired: a path that decodes, once or several times, to anything but plain segments is refused, since a proxy or
framework behind the target may decode once more than this service does.
"""

import re
import unicodedata
from typing import NoReturn
from urllib.parse import quote, unquote, urlsplit

from batch_service.domain.entity import Entity
from batch_service.domain.refusal import Refusal, RefusedError, pointer_to

MAX_PATH_CHARACTERS = 2_048
MAX_QUERY_CHARACTERS = 8_192
_DECODINGS = 5
# RFC 3986 section 3.3, without `;` (path parameters): some servers cut a segment there.
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,=:@]|%[0-9A-Fa-f]{2})*)*")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\;?#\u2028\u2029]")


def resolve(entity: Entity, path: str, query: dict[str, object]) -> str:
    """Return the url of an item; raise RefusedError for one that would leave the collection."""
    if not path and not query:  # as nearly every item of a long batch
        return entity.url
    if len(path) > MAX_PATH_CHARACTERS:
        _refuse_path(f"it is longer than {MAX_PATH_CHARACTERS} characters")
    if path and not path.startswith("/"):
        _refuse_path('it is relative to the collection and starts with "/"')
    if not _PATH.fullmatch(path):
        _refuse_path("write it as in a URL: plain segments, everything else percent-encoded, no query")
    segments = path.split("/")[1:]
    for position, segment in enumerate(segments):
        _check_segment(segment, is_last=position == len(segments) - 1)
    url = entity.url + path + _query(query)
    _prove_inside(entity, url)
    return url


def _check_segment(segment: str, *, is_last: bool) -> None:
    if not segment and not is_last:
        _refuse_path("it has an empty segment")
    for _ in range(_DECODINGS):
        if segment in (".", "..") or _UNSAFE.search(segment):
            _refuse_path("a segment decodes to something that leaves its place")
        if any(ord(character) > 127 and _looks_like_ascii(character) for character in segment):
            _refuse_path("a segment has a look-alike of an ASCII character")
        decoded = _decode(segment)
        if decoded == segment:
            return
        segment = decoded
    _refuse_path("it is percent-encoded too many times")


def _decode(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        _refuse_path("it is not UTF-8")


def _looks_like_ascii(character: str) -> bool:
    """Full-width dots and slashes, and whatever else a server that normalises would turn into ASCII."""
    return any(ord(part) < 128 for part in unicodedata.normalize("NFKC", character))


def _query(query: dict[str, object]) -> str:
    pairs = [(name, value) for name, values in query.items() for value in _values(name, values)]
    if not pairs:
        return ""
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    if len(text) > MAX_QUERY_CHARACTERS:
        raise RefusedError(Refusal(400, "invalid_query", f"query is longer than {MAX_QUERY_CHARACTERS} characters", "/query"))
    return f"?{text}"


def _values(name: str, values: object) -> list[str]:
    listed = values if isinstance(values, list) else [values]
    return [_text(name, value) for value in listed]


def _text(name: str, value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float():
            return str(value)
        case _:
            sentence = "A query value is a string, a number, true, false, or a list of these"
            raise RefusedError(Refusal(400, "invalid_query", sentence, pointer_to("query", name)))


def _prove_inside(entity: Entity, url: str) -> None:
    collection, parts = entity.origin, urlsplit(url)
    same_origin = (parts.scheme, parts.netloc) == (collection.scheme, collection.netloc)
    below = parts.path == collection.path or parts.path.startswith(f"{collection.path}/")
    if not (same_origin and below):
        _refuse_path("it leaves the entity's collection")


def _refuse_path(reason: str) -> NoReturn:
    raise RefusedError(Refusal(400, "invalid_path", f"Invalid path: {reason}.", "/path"))
