"""One item of `POST /users/batch`: its reading, and the result that it gets."""

from collections.abc import Callable
from typing import Any

import orjson

from servicekit import problems
from servicekit.problems import ProblemError
from users_service.api import problems as users_problems
from users_service.api.every_version.new_user import read_new_user
from users_service.application.create_users import Creation
from users_service.domain.errors import InvalidKeyError, UsersError
from users_service.domain.idempotency import Answer, IdempotencyKey

MAX_ID_CHARACTERS = 255
_KEYS = {"method", "body", "idempotencyKey", "id"}
# A single call says in its headers what these do not: the form of a body is plain from the code.
_SHOWN_HEADERS = ("Location", "ETag", "Idempotent-Replayed", "Retry-After", "Allow")


def read_item(raw: Any, *, caller: str, check_size: Callable[[Any], None]) -> Creation:
    """Read an item; raise the problem that a single call would have got, or that of the item's own form."""
    _check_form(raw)
    if raw.get("method", "POST") != "POST":
        raise ProblemError(
            405,
            "This address takes POST alone; send other methods to the users' own addresses.",
            code="method_not_allowed",
            errors=[{"pointer": "/method", "detail": "Only POST is taken here."}],
            headers={"Allow": "POST"},
        )
    if "body" not in raw:
        raise ProblemError(400, "Missing body", code="missing_body")
    check_size(raw["body"])
    profile, credential = read_new_user(raw["body"])
    return Creation(profile, credential, _key(raw["idempotencyKey"], caller) if "idempotencyKey" in raw else None)


def item_id(raw: Any) -> str | None:
    """Return an item's own id, None if it has none or one that cannot be."""
    text = raw.get("id") if isinstance(raw, dict) else None
    return text if isinstance(text, str) and 1 <= len(text) <= MAX_ID_CHARACTERS else None


def result(outcome: Answer | UsersError | ProblemError, *, own_id: str | None, request_id: str) -> dict[str, Any]:
    """Build the members of a result: what a single call would have been answered."""
    document: dict[str, Any] = {} if own_id is None else {"id": own_id}
    if isinstance(outcome, Answer):
        status, headers = outcome.status, {**outcome.headers}
        body: Any = orjson.Fragment(outcome.body)
        if outcome.is_replayed:
            headers["Idempotent-Replayed"] = "true"
    else:
        refusal = users_problems.problem(outcome) if isinstance(outcome, UsersError) else outcome
        status, headers = refusal.status, refusal.headers
        instance = f"urn:request:{request_id}"
        body = problems.document(status, refusal.error, code=refusal.code, instance=instance, errors=refusal.errors)
    document |= {"responseCode": str(status), "responseBody": body}
    if shown := {name: headers[name] for name in _SHOWN_HEADERS if name in headers}:
        document["responseHeaders"] = shown
    return document


def _check_form(raw: Any) -> None:
    if not isinstance(raw, dict):
        raise _malformed('An item is an object such as {"method": "POST", "body": {...}}', "")
    if not raw.keys() <= _KEYS:
        name = next(key for key in raw if key not in _KEYS)
        raise _malformed(f"Unknown field {name}", problems.pointer([name]))
    if not isinstance(raw.get("method", "POST"), str):
        raise _malformed("Invalid method: not a valid string", "/method")
    if "id" in raw and item_id(raw) is None:
        raise _malformed(f"Invalid id: a string of 1 to {MAX_ID_CHARACTERS} characters", "/id")


def _key(text: Any, caller: str) -> IdempotencyKey:
    if not isinstance(text, str):
        raise InvalidKeyError
    return IdempotencyKey.parse(text, caller=caller)


def _malformed(sentence: str, pointer: str) -> ProblemError:
    return ProblemError(400, sentence, code="invalid_item", errors=[{"pointer": pointer, "detail": sentence}])
