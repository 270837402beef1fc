"""What the contract document says of parameters and headers."""

from collections.abc import Iterable
from typing import Any

from servicekit.contract import Additions
from servicekit.problems import MEDIA_TYPE, ProblemSchema
from users_service.api.every_version.schemas import UserPatchSchema

MANNERS = (
    "No answer has a password or its hash. Errors are problem documents (RFC 9457): `error` is a sentence to act on, `code` a "
    "stable word, `errors` points to each fault of a body. What a later 1.x or 2.x of this contract may add to an answer, a "
    "client ignores."
)

ETAG = {"ETag": {"description": "The version of the user", "schema": {"type": "string", "example": '"1"'}}}
LOCATION = {"Location": {"description": "The address of the new user", "schema": {"type": "string", "format": "uri-reference"}}}
LINK = {"Link": {"description": 'The next page, rel="next" (RFC 8288); absent on the last', "schema": {"type": "string"}}}

USER_ID = {
    "name": "userId",
    "in": "path",
    "required": True,
    "description": "The `userId` of a user",
    "schema": {"type": "string", "format": "uuid"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "Do it only if the user is still at a version with one of these entity tags",
    "schema": {"type": "string", "example": '"1"'},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "Answer 304 if the user is still at a version with one of these entity tags",
    "schema": {"type": "string", "example": '"1"'},
}

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "The caller's own name for this call, bare or in double quotes. Sent again with the same payload, the call changes "
        "nothing more and gets the first answer once more, with `Idempotent-Replayed: true`; with another payload it is a 422. "
        "Answers are kept for two weeks unless the operator set another time, for a day at least; a refusal is not kept. The "
        "same key for another operation, or for another user, is another key."
    ),
    "schema": {
        "type": "string",
        "pattern": '^([A-Za-z0-9_:.-]{8,255}|"[A-Za-z0-9_:.-]{8,255}")$',
        "example": "import-7:row-12",
    },
}
KEY_REUSED = {
    "schema": ProblemSchema,
    "content_type": MEDIA_TYPE,
    "description": "The Idempotency-Key was used with another payload (`idempotency_key_reused`)",
}
KEY_IN_USE = {
    "schema": ProblemSchema,
    "content_type": MEDIA_TYPE,
    "description": "The first call with the Idempotency-Key has not ended yet (`idempotency_key_in_use`): send the same again",
    "headers": {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}},
}
CONFLICT = {**KEY_IN_USE, "description": f"The username is taken (`username_taken`). Or: {KEY_IN_USE['description']}"}
REPLAYED = {
    "Idempotent-Replayed": {
        "description": "`true` if this is the first answer to the same call, given once more; else absent",
        "schema": {"type": "string", "enum": ["true"]},
    }
}


def patch_body(content_types: Iterable[str]) -> dict[str, Any]:
    """Describe the body of a merge patch."""
    return {"required": True, "content": {name: {"schema": UserPatchSchema} for name in content_types}}


def _to(operation: str, what: str, user_id: str) -> dict[str, Any]:
    return {"operationId": operation, "description": what, "parameters": {"userId": user_id}}


def _of_user(user_id: str) -> dict[str, Any]:
    """Link the operations on a user, who is named by a place in an answer."""
    return {
        "links": {
            "get": _to("getUser", "Read the user", user_id),
            "update": _to("updateUser", "Change the user", user_id),
            "replace": _to("replaceUser", "Replace the user", user_id),
            "checkPassword": _to("checkPassword", "Check the user's password", user_id),
            "delete": _to("deleteUser", "Delete the user", user_id),
        }
    }


_LEADS_TO: dict[str, Any] = {
    "createUser": {"responses": {"201": _of_user("$response.body#/userId")}},
    "createUserArray": {"responses": {"200": _of_user("$response.body#/0/responseBody/userId")}},
    "createUsers": {"responses": {"200": _of_user("$response.body#/0/responseBody/userId")}},
    "listUsers": {"responses": {"200": _of_user("$response.body#/users/0/userId")}},
}
# One or the other: JSON Schema says it of the members that there are.
_ONE_CREDENTIAL = {"UserCreate": {"oneOf": [{"required": ["password"]}, {"required": ["passwordHash"]}]}}
ADDITIONS = Additions(operations=_LEADS_TO, schemas=_ONE_CREDENTIAL)
