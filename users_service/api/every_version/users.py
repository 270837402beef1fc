"""`/users` and `/users/<userId>`: everything but to create."""

from typing import Any

from flask import Request, Response, jsonify, request

from servicekit.api import Blueprint, StrictParser
from servicekit.pagination import encode_cursor, link_next
from servicekit.request_body import read_json
from users_service.api import preconditions
from users_service.api.context import use_cases
from users_service.api.every_version import answers, documents, examples, schemas
from users_service.api.idempotency import idempotency_key
from users_service.application.change_user import Change
from users_service.domain.password import Password
from users_service.domain.user import Profile, ProfilePatch, User

_WRITE_HEADERS = [documents.IF_MATCH, documents.IDEMPOTENCY_KEY]
_CHANGED_HEADERS = {**documents.ETAG, **documents.REPLAYED}
_PATCH_TYPES = ("application/merge-patch+json", "application/json")

blueprint = Blueprint("users", __name__, description="Users, one at a time")


class _PatchParser(StrictParser):
    def load_json(self, req: Request, schema: Any) -> Any:
        return read_json(req, _PATCH_TYPES)


@blueprint.url_value_preprocessor
def _pythonic(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "userId" in values:  # the contract's name for it
        values["user_id"] = values.pop("userId")


@blueprint.route("", methods=["GET"])
@blueprint.doc(operationId="listUsers")
@blueprint.arguments(schemas.UserQuerySchema(), location="query")
@blueprint.response(
    200, schemas.UserPageSchema, example=examples.USER_PAGE, headers=documents.LINK, description="A page of users"
)
def list_users(query: dict[str, Any]) -> Response:
    """List users in the order of their creation"""
    page, last = use_cases().read_users.page(after_id=query["cursor"], limit=query["limit"], username=query["username"])
    cursor = None if last is None else encode_cursor(last)
    return link_next(jsonify(_PAGE.dump({"users": page, "next": cursor})), cursor)


@blueprint.route("/<userId>", methods=["GET"], parameters=[documents.USER_ID])
@blueprint.doc(operationId="getUser", parameters=[documents.IF_NONE_MATCH])
@blueprint.response(200, schemas.UserSchema, example=examples.USER, headers=documents.ETAG, description="The user")
@blueprint.alt_response(304, description="The user is at the version that If-None-Match names", headers=documents.ETAG)
@blueprint.alt_response(404, response="NOT_FOUND")
def get_user(user_id: str) -> Any:
    """Read a user"""
    user = use_cases().read_users.one(user_id)
    if preconditions.is_not_modified(request, user.version):
        return _empty(304, _tag(user))
    return user, _tag(user)


@blueprint.route("/<userId>", methods=["PATCH"], parameters=[documents.USER_ID])
@blueprint.doc(operationId="updateUser", parameters=_WRITE_HEADERS, requestBody=documents.patch_body(_PATCH_TYPES))
@_PatchParser().use_args(schemas.UserPatchSchema(), location="json")
@blueprint.response(
    200, schemas.UserSchema, example=examples.CHANGED_USER, headers=_CHANGED_HEADERS, description="The user as changed"
)
@blueprint.alt_response(400, response="BAD_REQUEST")
@blueprint.alt_response(404, response="NOT_FOUND")
@blueprint.alt_response(409, **documents.CONFLICT)
@blueprint.alt_response(412, response="PRECONDITION_FAILED")
@blueprint.alt_response(413, response="REQUEST_ENTITY_TOO_LARGE")
@blueprint.alt_response(415, response="UNSUPPORTED_MEDIA_TYPE")
@blueprint.alt_response(422, **documents.KEY_REUSED)
def update_user(body: tuple[ProfilePatch, Password | None], user_id: str) -> Response:
    """Change some fields of a user

    A JSON Merge Patch (RFC 7396): what is absent stays, null resets an optional field to its default, metadata is merged.
    """
    return _changed(user_id, body)


@blueprint.route("/<userId>", methods=["PUT"], parameters=[documents.USER_ID])
@blueprint.doc(operationId="replaceUser", parameters=_WRITE_HEADERS)
@blueprint.arguments(schemas.UserReplaceSchema())
@blueprint.response(
    200, schemas.UserSchema, example=examples.CHANGED_USER, headers=_CHANGED_HEADERS, description="The user as replaced"
)
@blueprint.alt_response(404, response="NOT_FOUND")
@blueprint.alt_response(409, **documents.CONFLICT)
@blueprint.alt_response(412, response="PRECONDITION_FAILED")
@blueprint.alt_response(413, response="REQUEST_ENTITY_TOO_LARGE")
@blueprint.alt_response(415, response="UNSUPPORTED_MEDIA_TYPE")
@blueprint.alt_response(422, **documents.KEY_REUSED)
def replace_user(body: tuple[Profile, Password | None], user_id: str) -> Response:
    """Replace a user

    Optional fields that are absent go back to their defaults. The password stays if it is absent, since no answer shows it.
    """
    return _changed(user_id, body)


@blueprint.route("/<userId>", methods=["DELETE"], parameters=[documents.USER_ID])
@blueprint.doc(operationId="deleteUser", parameters=_WRITE_HEADERS)
@blueprint.response(204, headers=documents.REPLAYED, description="The user is gone")
@blueprint.alt_response(400, response="BAD_REQUEST")
@blueprint.alt_response(404, response="NOT_FOUND")
@blueprint.alt_response(409, **documents.KEY_IN_USE)
@blueprint.alt_response(412, response="PRECONDITION_FAILED")
@blueprint.alt_response(422, **documents.KEY_REUSED)
def delete_user(user_id: str) -> Response:
    """Delete a user"""
    versions = preconditions.if_match(request)
    answer = use_cases().delete_user(user_id, render=answers.deleted, versions=versions, key=idempotency_key(request))
    return answers.response(answer)


@blueprint.route("/<userId>/password-check", methods=["POST"], parameters=[documents.USER_ID])
@blueprint.doc(operationId="checkPassword")
@blueprint.arguments(schemas.PasswordCheckSchema())
@blueprint.response(204, description="This is the user's password")
@blueprint.alt_response(403, response="FORBIDDEN")
@blueprint.alt_response(404, response="NOT_FOUND")
@blueprint.alt_response(413, response="REQUEST_ENTITY_TOO_LARGE")
@blueprint.alt_response(415, response="UNSUPPORTED_MEDIA_TYPE")
def check_password(password: Password, user_id: str) -> Response:
    """Check a user's password

    An imported hash is verified by its own algorithm and, when the password is right, replaced by one of argon2id.
    """
    use_cases().check_password(user_id, password)
    return _empty(204)


_PAGE = schemas.UserPageSchema()


def _changed(user_id: str, body: tuple[Profile | ProfilePatch, Password | None]) -> Response:
    change = Change(user_id, *body, versions=preconditions.if_match(request))
    return answers.response(use_cases().change_user(change, render=answers.changed, key=idempotency_key(request)))


def _tag(user: User) -> dict[str, str]:
    return {"ETag": preconditions.etag(user.version)}


def _empty(status: int, headers: dict[str, str] | None = None) -> Response:
    response = Response(status=status, headers=headers)
    response.headers.remove("Content-Type")
    return response
