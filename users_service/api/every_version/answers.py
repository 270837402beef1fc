"""What is answered to calls that write: rendered once, so that a repeated answer is the first to the byte."""

from collections.abc import Callable
from typing import Any

import orjson
from flask import Response

from servicekit.times import rfc3339
from users_service.api import preconditions
from users_service.domain.idempotency import Answer
from users_service.domain.user import User


def created_in(collection: str) -> Callable[[User], Answer]:
    """Make what answers 201 and where, in this collection, the new user is."""
    return lambda user: _shown(user, 201, {"Location": f"{collection}/{user.id}"})


def changed(user: User) -> Answer:
    """Answer 200 and the user as changed."""
    return _shown(user, 200, {})


def deleted() -> Answer:
    """Answer 204."""
    return Answer(204)


def response(answer: Answer) -> Response:
    """Send an answer, and say so if it is an earlier one."""
    sent = Response(answer.body, answer.status)
    sent.headers.remove("Content-Type")
    sent.headers.update(answer.headers)
    if answer.is_replayed:
        sent.headers["Idempotent-Replayed"] = "true"
    return sent


def document(user: User) -> dict[str, Any]:
    """Return what `UserSchema` dumps of a user, at a tenth of the cost: a batch shows a thousand."""
    profile, created_at = user.profile, rfc3339(user.created_at_ms)
    return {
        "userId": user.id,
        "username": profile.username,
        "email": profile.email,
        "displayName": profile.shown_name,
        "locale": profile.locale,
        "metadata": orjson.Fragment(profile.metadata),
        "createdAt": created_at,
        "updatedAt": created_at if user.updated_at_ms == user.created_at_ms else rfc3339(user.updated_at_ms),
    }


def _shown(user: User, status: int, headers: dict[str, str]) -> Answer:
    about = {"Content-Type": "application/json", "ETag": preconditions.etag(user.version), **headers}
    return Answer(status, about, orjson.dumps(document(user)))
