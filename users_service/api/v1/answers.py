"""What version 1 answers to calls that write: rendered once, so that a repeated answer is the first to the byte."""

import orjson
from flask import Response

from users_service.api import preconditions
from users_service.api.v1 import schemas
from users_service.domain.idempotency import Answer
from users_service.domain.user import User

_USER = schemas.UserSchema()


def created(user: User) -> Answer:
    """Answer 201 and where the new user is."""
    return _shown(user, 201, {"Location": f"/v1/users/{user.id}"})


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


def _shown(user: User, status: int, headers: dict[str, str]) -> Answer:
    about = {"Content-Type": "application/json", "ETag": preconditions.etag(user.version), **headers}
    return Answer(status, about, orjson.dumps(_USER.dump(user)))
