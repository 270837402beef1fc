"""Errors as RFC 9457 problem documents with `error`, a sentence a person can act on, and `code`, a word for programs."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypedDict

import orjson
from flask import Response
from marshmallow import EXCLUDE, Schema, fields

MEDIA_TYPE = "application/problem+json"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class FieldError(TypedDict):
    """Where a body is wrong (a JSON Pointer, RFC 6901) and why."""

    pointer: str
    detail: str


class ProblemError(Exception):
    """An answer that is a problem document instead of what was asked for."""

    def __init__(
        self,
        status: int,
        error: str,
        *,
        code: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.code = code
        self.errors = list(errors)
        self.headers = dict(headers or {})


class FieldErrorSchema(Schema):
    """One fault of a body."""

    class Meta:
        """As of a problem document."""

        unknown = EXCLUDE

    pointer = fields.String(required=True, metadata={"description": "JSON Pointer to the place", "example": "/password"})
    detail = fields.String(required=True, metadata={"description": "What is wrong there", "example": "Missing password"})


class ProblemSchema(Schema):
    """A problem document (RFC 9457) with three members of our own."""

    class Meta:
        """More members may come (RFC 9457 section 3.2: clients ignore those they do not know)."""

        unknown = EXCLUDE

    type = fields.String(required=True, metadata={"description": "`about:blank`: `code` tells problems apart"})
    title = fields.String(required=True, metadata={"description": "The phrase of the status", "example": "Bad Request"})
    status = fields.Integer(required=True, metadata={"example": 400})
    detail = fields.String(required=True, metadata={"description": "The same sentence as `error`"})
    instance = fields.String(required=True, metadata={"description": "Names this occurrence by its request id"})
    error = fields.String(required=True, metadata={"description": "A sentence to act on", "example": "Missing password"})
    code = fields.String(required=True, metadata={"description": "A stable word", "example": "missing_field"})
    errors = fields.List(fields.Nested(FieldErrorSchema), required=True)


def document(status: int, error: str, *, code: str, instance: str, errors: Sequence[FieldError] = ()) -> dict[str, Any]:
    """Build the members of a problem document."""
    return {
        "type": "about:blank",
        "title": _PHRASES.get(status, "Client Closed Request"),
        "status": status,
        "detail": error,
        "instance": instance,
        "error": error,
        "code": code,
        "errors": list(errors),
    }


def response(problem: ProblemError, *, request_id: str) -> Response:
    """Render a problem as the answer to the request with this id."""
    body = document(
        problem.status,
        problem.error,
        code=problem.code,
        instance=f"urn:request:{request_id}",
        errors=problem.errors,
    )
    return Response(orjson.dumps(body), problem.status, problem.headers, mimetype=MEDIA_TYPE)


def code_for(title: str) -> str:
    """Turn the phrase of a status into a code: "Not Found" is `not_found`."""
    return re.sub(r"[^a-z]+", "_", title.lower()).strip("_")


def pointer(parts: Sequence[object]) -> str:
    """Join keys and positions into a JSON Pointer (RFC 6901 section 3)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
