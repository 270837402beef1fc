"""The two forms in which a target's batch door takes items and answers.

`items`: an array of `{"method", "idempotencyKey", "body"}` in, as this service's own batches; `bodies`: an array of bodies in.
Both answer with an array of `{"responseCode", "responseBody", "responseHeaders"}` in the order of the items.
"""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
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
    return creates(entity, request) and request.headers.keys() <= _COMMON_HEADERS and request.url == entity.url


def creates(entity: Entity, request: Request) -> bool:
    """Say whether an item is a POST of JSON to the collection itself, whatever headers or query it has of its own."""
    is_json = request.body is not None and request.headers.get("content-type") == _JSON
    return is_json and request.method == "POST" and request.url.partition("?")[0] == entity.url


def pack(door: BatchDoor, index: int, requests: Sequence[Request]) -> Request:
    """Make one request of many, or of one that has a query or headers of its own; the bodies are the bytes that came."""
    headers = {name: value for name, value in requests[0].headers.items() if name != "idempotency-key"}
    body = b"[" + b",".join(_packed(door, request) for request in requests) + b"]"
    collection, question_mark, query = requests[0].url.partition("?")
    return Request(index, "POST", collection + door.path + question_mark + query, headers, body, items=len(requests))


def _packed(door: BatchDoor, request: Request) -> bytes:
    body = request.body or b"null"
    if not door.has_keys:
        return body
    return b'{"idempotencyKey":' + orjson.dumps(request.headers["idempotency-key"]) + b',"body":' + body + b"}"


class _Result(msgspec.Struct, rename="camel"):
    response_code: str
    response_body: msgspec.Raw
    response_headers: dict[str, str] = {}


_RESULTS = msgspec.json.Decoder(list[_Result])


def unpack(requests: Sequence[Request], answer: Answered) -> list[Outcome]:
    """Take an answer apart; a result without sense leaves its item in doubt. Raise MalformedAnswerError for the whole."""
    try:
        results = _RESULTS.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        return _unpack_leniently(requests, answer.body)
    _check_number(results, requests)
    return [_outcome(request.index, result) for request, result in zip(requests, results, strict=True)]


def _check_number(results: Sequence[object], requests: Sequence[Request]) -> None:
    if len(results) != len(requests):
        raise MalformedAnswerError


def _outcome(index: int, result: _Result) -> Outcome:
    """The body is the bytes that came: nobody needs to look inside."""
    code = result.response_code
    if len(code) != 3 or not code.isascii() or not code.isdigit():
        return MaybeApplied(index, Fault.BROKEN)
    headers = {name.lower(): value for name, value in result.response_headers.items()}
    body = bytes(result.response_body)
    return _answered(index, int(code), headers, b"" if body == b"null" else body)


def _answered(index: int, status: int, headers: dict[str, str], body: bytes) -> Outcome:
    if not 200 <= status <= 599:
        return MaybeApplied(index, Fault.BROKEN)
    return Answered(index, status, _JSON, headers, body)


def _unpack_leniently(requests: Sequence[Request], body: bytes) -> list[Outcome]:
    """Make of an answer with faults what can be made: of each result by itself, in the parser that refuses the least."""
    try:
        results = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswerError from error
    if not isinstance(results, list):
        raise MalformedAnswerError
    _check_number(results, requests)
    return [_unpacked(request.index, result) for request, result in zip(requests, results, strict=True)]


def _unpacked(index: int, result: Any) -> Outcome:
    try:
        status, body = int(result["responseCode"]), result["responseBody"]
        headers = {str(name).lower(): str(value) for name, value in (result.get("responseHeaders") or {}).items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return MaybeApplied(index, Fault.BROKEN)
    return _answered(index, status, headers, b"" if body is None else _rendered(body))


def _rendered(body: Any) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # a lone surrogate: only escaped can it be written
        return json.dumps(body, separators=(",", ":")).encode()
