"""The two forms in which a target's batch door takes items and answers.

`items`: an array of `{"method", "idempotencyKey", "body"}` in, as this service's own batches; `bodies`: an array of bodies in.
Both answer with an array of `{"responseCode", "responseBody", "responseHeaders"}` in the order of the items.
"""

import json
from collections.abc import Sequence
from typing import Any

import orjson

from batch_service.domain.attempt import Answered, Fault, MaybeApplied, Outcome, Request
from batch_service.domain.entity import BatchDoor, Entity

_JSON = "application/json"
# What every item of a batch has; anything else is the item's own, and a door has no place for it.
_COMMON_HEADERS = frozenset({"idempotency-key", "accept", "content-type", "traceparent", "authorization"})


class MalformedAnswerError(ValueError):
    """The door answered something that is no array of as many results."""


def fits(entity: Entity, request: Request) -> bool:
    """Say whether an item can go through the door: it creates, and has no headers of its own."""
    plain = request.headers.keys() <= _COMMON_HEADERS and request.headers.get("content-type") == _JSON
    return plain and request.method == "POST" and request.url == entity.url and request.body is not None


def pack(entity: Entity, door: BatchDoor, index: int, requests: Sequence[Request]) -> Request:
    """Make one request of many; the bodies are the bytes that came."""
    headers = {name: value for name, value in requests[0].headers.items() if name != "idempotency-key"}
    body = b"[" + b",".join(_packed(door, request) for request in requests) + b"]"
    return Request(index, "POST", entity.url + door.path, headers, body, items=len(requests))


def _packed(door: BatchDoor, request: Request) -> bytes:
    body = request.body or b"null"
    if not door.has_keys:
        return body
    return b'{"idempotencyKey":' + orjson.dumps(request.headers["idempotency-key"]) + b',"body":' + body + b"}"


def unpack(requests: Sequence[Request], answer: Answered) -> list[Outcome]:
    """Take an answer apart; a result without sense leaves its item in doubt. Raise MalformedAnswerError for the whole."""
    try:
        results = json.loads(answer.body)  # the standard library's: it keeps integers of any size, and reads what others refuse
    except (ValueError, RecursionError) as error:
        raise MalformedAnswerError from error
    if not isinstance(results, list) or len(results) != len(requests):
        raise MalformedAnswerError
    return [_unpacked(request.index, result) for request, result in zip(requests, results, strict=True)]


def _unpacked(index: int, result: Any) -> Outcome:
    try:
        status, body = int(result["responseCode"]), result["responseBody"]
        headers = {str(name).lower(): str(value) for name, value in (result.get("responseHeaders") or {}).items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return MaybeApplied(index, Fault.BROKEN)
    if not 200 <= status <= 599:
        return MaybeApplied(index, Fault.BROKEN)
    return Answered(index, status, _JSON, headers, b"" if body is None else _rendered(body))


def _rendered(body: Any) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # a lone surrogate: only escaped can it be written
        return json.dumps(body, separators=(",", ":")).encode()
