"""Keyset paging: a page continues after a key, never after a count (RFC 8288 for the `Link`)."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.urls import iri_to_uri

from servicekit.ids import is_id

MAX_LIMIT = 1000
DEFAULT_LIMIT = 100

_CURSOR = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "description": "`next` of the page before"}


class Cursor(fields.Field[Any]):
    """An opaque place in a list: the key of the last row of the page before, as base64url JSON."""

    def __init__(self, is_key: Callable[[Any], bool]) -> None:
        super().__init__(load_default=None, metadata=_CURSOR)
        self._is_key = is_key

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            key = json.loads(base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True))
        except (TypeError, ValueError, RecursionError):  # binascii.Error and JSONDecodeError are ValueErrors
            key = None
        if not self._is_key(key):
            raise ValidationError("Not a cursor that this service gave out.")
        return key


def after_id(key: Any) -> bool:
    """The check of a cursor that stands after an id."""
    return isinstance(key, str) and is_id(key)


def after_index(key: Any) -> bool:
    """The check of a cursor that stands after a position."""
    return type(key) is int and 0 <= key < 2**31


class PageSchema(Schema):
    """The query of a list: how many, and after which."""

    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(1, MAX_LIMIT))
    cursor = Cursor(after_id)


def encode_cursor(key: Any) -> str:
    """Render the key of the last row of a page as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def link_next(response: Response, cursor: str | None) -> Response:
    """Add `Link: <...>; rel="next"` for a page that has a successor."""
    if cursor is not None:
        query = {**request.args, "cursor": cursor}
        response.headers.add("Link", f'<{iri_to_uri(request.path)}?{urlencode(query)}>; rel="next"')
    return response
