"""`POST /v1/users`: one user."""

from flask import Response, request

from servicekit.api import Blueprint
from users_service.api.context import use_cases
from users_service.api.every_version import answers, documents, examples, schemas
from users_service.api.idempotency import idempotency_key
from users_service.domain.password import Password, PasswordHash
from users_service.domain.user import Profile

_HEADERS = {**documents.ETAG, **documents.LOCATION, **documents.REPLAYED}
_create_in_v1 = answers.created_in("/v1/users")

blueprint = Blueprint("create-user", __name__, description="Create one user")


@blueprint.route("", methods=["POST"])
@blueprint.doc(operationId="createUser", parameters=[documents.IDEMPOTENCY_KEY], tags=["users"])
@blueprint.arguments(schemas.UserCreateSchema(), example=examples.NEW_USER)
@blueprint.response(201, schemas.UserSchema, headers=_HEADERS, example=examples.USER, description="The new user")
@blueprint.alt_response(409, **documents.CONFLICT)
@blueprint.alt_response(413, response="REQUEST_ENTITY_TOO_LARGE")
@blueprint.alt_response(415, response="UNSUPPORTED_MEDIA_TYPE")
@blueprint.alt_response(422, **documents.KEY_REUSED)
def create_user(body: tuple[Profile, Password | PasswordHash]) -> Response:
    """Create a user

    Optional fields that are absent get their defaults. A username that is taken, in any case or Unicode form, is a 409.
    """
    return answers.response(use_cases().create_user(*body, render=_create_in_v1, key=idempotency_key(request)))
