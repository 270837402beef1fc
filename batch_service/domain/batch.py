"""A batch read into items: what is wrong with one item is that item's result, its neighbours unharmed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from batch_service.domain.entity import METHODS, METHODS_WITH_BODY, Entity, is_forbidden_header
from batch_service.domain.errors import DuplicateIdError, EmptyBatchError, TooManyItemsError
from batch_service.domain.item import Item
from batch_service.domain.refusal import Refusal, RefusedError, pointer_to
from batch_service.domain.target import resolve

MAX_ID_CHARACTERS = 255
MAX_HEADER_CHARACTERS = 8_192
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # RFC 9110 section 5.5
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Draft:
    """An item as it was sent, its shape checked and its meaning not yet."""

    id: str | None = None
    method: str = "POST"
    path: str = field(default="", repr=False)
    query: Mapping[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)
    body_is_container: bool = True
    """The body is a JSON object or array; anything else is refused."""
    fault: Refusal | None = None
    """What is wrong with its shape; the id is there for all that, if it is one."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that is not sent: its result is final before the job begins."""

    index: int
    id: str | None
    method: str
    refusal: Refusal


def check_size(sent: int, *, max_items: int) -> None:
    """Raise EmptyBatchError or TooManyItemsError; asked before anything else is looked at."""
    if sent == 0:
        raise EmptyBatchError("The batch is empty; send at least one item.")
    if sent > max_items:
        raise TooManyItemsError(sent=sent, limit=max_items)


def read_items(entity: Entity, drafts: Sequence[Draft]) -> list[Item | Refused]:
    """Check each draft against the entity, in order; raise DuplicateIdError if two have one id."""
    _check_ids(drafts)
    return [read_item(entity, index, draft) for index, draft in enumerate(drafts)]


def _check_ids(drafts: Sequence[Draft]) -> None:
    first: dict[str, int] = {}
    for index, draft in enumerate(drafts):
        if draft.id is not None and first.setdefault(draft.id, index) != index:
            raise DuplicateIdError(draft.id, first=first[draft.id], second=index)


def read_item(entity: Entity, index: int, draft: Draft) -> Item | Refused:
    """Check one draft against the entity, by itself."""
    try:
        _check_shape(draft)
        _check_method(entity, draft.method)
        _check_body(draft)
        target = resolve(entity, draft.path, dict(draft.query or {}))
        return Item(index, draft.id, draft.method, target, _headers(entity, draft.headers or {}), draft.body)
    except RefusedError as refused:
        return Refused(index, draft.id if _is_id(draft.id) else None, draft.method, refused.refusal)


def _check_shape(draft: Draft) -> None:
    if draft.fault is not None:
        raise RefusedError(draft.fault)
    if draft.id is not None and not _is_id(draft.id):
        sentence = f"An id has 1 to {MAX_ID_CHARACTERS} characters and no control characters"
        raise RefusedError(Refusal(400, "invalid_field", sentence, "/id"))


def _is_id(text: str | None) -> bool:
    return text is not None and 1 <= len(text) <= MAX_ID_CHARACTERS and not _CONTROL.search(text)


def _check_method(entity: Entity, method: str) -> None:
    if method not in entity.methods:
        known = "not allowed for" if method in METHODS else "not known to"
        sentence = f"The method {method[:16]!r} is {known} {entity.name}, which takes {', '.join(sorted(entity.methods))}."
        raise RefusedError(Refusal(405, "method_not_allowed", sentence, "/method"))


def _check_body(draft: Draft) -> None:
    if draft.body is None:
        return
    if draft.method not in METHODS_WITH_BODY:
        raise RefusedError(Refusal(400, "invalid_body", f"A {draft.method} takes no body", "/body"))
    if not draft.body_is_container:
        raise RefusedError(Refusal(400, "invalid_body", "A body is a JSON object or array", "/body"))


def _headers(entity: Entity, headers: Mapping[str, str]) -> dict[str, str]:
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not entity.allows_header(name):
            _refuse_header(name, f"The header is not one that an item of {entity.name} may set")
        if name.lower() in checked:
            _refuse_header(name, "The header stands twice")
        if len(value) > MAX_HEADER_CHARACTERS or not _HEADER_VALUE.fullmatch(value) or value != value.strip():
            _refuse_header(name, "The value of the header has characters that a header cannot carry")
        checked[name.lower()] = value
    return checked


def _refuse_header(name: str, sentence: str) -> None:
    code = "forbidden_header" if is_forbidden_header(name) else "invalid_header"
    raise RefusedError(Refusal(400, code, sentence, pointer_to("headers", name)))
