"""Calls that bring an array of users: its reading, and the array of results that answers it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Request, Response, current_app

from servicekit import strict_json
from servicekit.problems import ProblemError
from servicekit.request_body import parse_json, read_body, require_content_type
from servicekit.request_id import current_request_id
from users_service.api.context import use_cases
from users_service.api.every_version import answers
from users_service.api.every_version.addresses import collection
from users_service.api.every_version.batch_items import result
from users_service.application.create_users import Creation
from users_service.domain.errors import UsersError

MAX_ITEMS = 1000
MAX_BODY_BYTES = 16 * 1024 * 1024
LIMITS = f"1 to {MAX_ITEMS:,} items, {MAX_BODY_BYTES // 1024**2} MiB at most"

Draft = Creation | UsersError | ProblemError


@dataclass(frozen=True, slots=True)
class ItemLimits:
    """What one item may send; whether a body is to be measured at all, which costs as much as to read it."""

    max_body_bytes: int
    may_be_over: bool

    def check(self, body: Any) -> None:
        """Raise a 413 problem for a body that would be too large alone."""
        if self.may_be_over and len(strict_json.dumps(body)) > self.max_body_bytes:
            sentence = f"The body is larger than {self.max_body_bytes:,} bytes, the most that one call may send."
            raise ProblemError(413, sentence, code="request_entity_too_large")


def read_array(req: Request, *, levels: int, example: str) -> tuple[list[Any], ItemLimits]:
    """Read the array that a request brings; each body in it lies `levels` below the top and may be as deep as alone.

    Raises:
        ProblemError: of the call as a whole: nothing of it is done.
    """
    req.max_content_length = MAX_BODY_BYTES
    require_content_type(req, ("application/json",))
    body = read_body(req)
    items = _parse(body, max_depth=strict_json.MAX_DEPTH + levels)
    if not isinstance(items, list):
        raise ProblemError(422, f"Send a JSON array: {example}", code="not_an_array")
    if not items:
        raise ProblemError(422, "The array is empty; send at least one item.", code="empty_batch")
    if len(items) > MAX_ITEMS:
        sentence = f"The array has {len(items)} items; send at most {MAX_ITEMS} in one call."
        raise ProblemError(413, sentence, code="batch_too_large")
    alone = current_app.config["MAX_CONTENT_LENGTH"]
    return items, ItemLimits(alone, may_be_over=len(body) > alone)


def draft(read: Callable[[], Creation]) -> Draft:
    """Read one item; what is wrong with it is its own result."""
    try:
        return read()
    except (UsersError, ProblemError) as refusal:
        return refusal


def create_each(drafts: Sequence[Draft], ids: Sequence[str | None]) -> Response:
    """Create the users that could be read, all in one transaction, and answer with a result for each item in their order."""
    wanted = [each for each in drafts if isinstance(each, Creation)]
    outcomes = iter(use_cases().create_users(wanted, render=answers.created_in(collection())))
    request_id = current_request_id()
    results = [
        result(next(outcomes) if isinstance(each, Creation) else each, own_id=own_id, request_id=request_id)
        for each, own_id in zip(drafts, ids, strict=True)
    ]
    return Response(orjson.dumps(results), mimetype="application/json")


def _parse(body: bytes, *, max_depth: int) -> Any:
    try:
        return strict_json.loads(body, max_depth=max_depth)
    except strict_json.InvalidJsonError:
        return parse_json(body)  # which is stricter still, and says where
