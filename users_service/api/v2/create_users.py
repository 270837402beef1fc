"""`POST /v2/users`: an array of users in, an array of results out."""

from collections.abc import Callable
from typing import Any

from flask import Response, request

from servicekit.api import Blueprint
from servicekit.problems import ProblemError
from users_service.api.every_version.arrays import LIMITS, MAX_ITEMS, ItemLimits, create_each, draft, read_array
from users_service.api.every_version.new_user import read_new_user
from users_service.api.every_version.schemas import UserCreateSchema
from users_service.api.idempotency import idempotency_key
from users_service.api.v2.schemas import EXAMPLE_RESULTS, EXAMPLE_USERS, CreationResultSchema
from users_service.application.create_users import Creation
from users_service.domain.idempotency import MAX_KEY_CHARACTERS, IdempotencyKey

# Each user of the array has a key made of the call's own, a colon and its position.
_MAX_KEY_CHARACTERS = MAX_KEY_CHARACTERS - len(f":{MAX_ITEMS - 1}")
_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "The caller's own name for this call, bare or in double quotes. The user at position n has the key `<key>:<n>`, as if "
        "it had been sent alone with it. Sent again, those that were created get their first answer once more, with "
        "`Idempotent-Replayed` among their `responseHeaders`; those that were refused are tried again; a user whose payload is "
        "another than before is its own 422. Answers are kept as those of single calls."
    ),
    "schema": {
        "type": "string",
        "pattern": f'^([A-Za-z0-9_:.-]{{8,{_MAX_KEY_CHARACTERS}}}|"[A-Za-z0-9_:.-]{{8,{_MAX_KEY_CHARACTERS}}}")$',
        "example": "import-7",
    },
}

_EXAMPLE = '[{"username": "Diego", "password": "123456"}]'
blueprint = Blueprint("create-users", __name__, description="Create many users")


@blueprint.route("", methods=["POST"])
@blueprint.doc(
    operationId="createUserArray",
    parameters=[_KEY],
    tags=["users"],
    requestBody={
        "required": True,
        "description": LIMITS,
        "content": {
            "application/json": {
                "schema": {"type": "array", "minItems": 1, "maxItems": MAX_ITEMS, "items": UserCreateSchema},
                "example": EXAMPLE_USERS,
            }
        },
    },
)
@blueprint.response(200, CreationResultSchema(many=True), example=EXAMPLE_RESULTS, description="A result for each user")
@blueprint.alt_response(400, "BAD_REQUEST")
@blueprint.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
@blueprint.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blueprint.alt_response(422, "UNPROCESSABLE_ENTITY")
def create_users() -> Response:
    """Create users

    Answers 200 with a result for each user, in the order of the array: what `POST /v1/users` would have answered to it alone,
    whatever became of its neighbours. All users of a call are created in one transaction. Of two with one name the first is
    created, the other is a 409. One object instead of an array is a 422 (`not_an_array`).
    """
    key = _key()
    bodies, limits = read_array(request, levels=1, example=_EXAMPLE)
    keys = [None if key is None else IdempotencyKey(key.caller, f"{key.text}:{place}") for place in range(len(bodies))]
    drafts = [draft(_reader(body, each, limits)) for body, each in zip(bodies, keys, strict=True)]
    return create_each(drafts, [None] * len(bodies))


def _reader(body: Any, key: IdempotencyKey | None, limits: ItemLimits) -> Callable[[], Creation]:
    def read() -> Creation:
        limits.check(body)
        return Creation(*read_new_user(body), key)

    return read


def _key() -> IdempotencyKey | None:
    key = idempotency_key(request)
    if key is not None and len(key.text) > _MAX_KEY_CHARACTERS:
        sentence = f"The Idempotency-Key of an array has at most {_MAX_KEY_CHARACTERS} characters: each user's own is longer."
        raise ProblemError(400, sentence, code="invalid_idempotency_key")
    return key
