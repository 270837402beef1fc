"""The items and results of `POST /users/batch`, for the contract; `batch_items` reads and makes thousands of them."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from users_service.api.v1.batch_items import MAX_ID_CHARACTERS
from users_service.api.v1.schemas import UserCreateSchema

MAX_ITEMS = 1000

_ADDRESS = "/v1/users/01a204f5-7c74-71e9-9bf8-b90931cf6bb0"
_CREATED: dict[str, Any] = {
    "userId": "01a204f5-7c74-71e9-9bf8-b90931cf6bb0",
    "username": "Diego",
    "email": None,
    "displayName": "Diego",
    "locale": "en",
    "metadata": {},
    "createdAt": "2026-11-22T19:51:42.123Z",
    "updatedAt": "2026-11-22T19:51:42.123Z",
}
_MISSING = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "Missing password",
    "instance": "urn:request:01a204f5-7c74-71e9-9bf8-b915e4f1c2aa",
    "error": "Missing password",
    "code": "missing_field",
    "errors": [{"pointer": "/password", "detail": "Missing password"}],
}
EXAMPLE_ITEMS: list[dict[str, Any]] = [
    {"id": "row-1", "idempotencyKey": "import-7:row-1", "body": {"username": "Diego", "password": "123456"}},
    {"method": "POST", "body": {"username": "Diego2"}},
]
EXAMPLE_RESULTS: list[dict[str, Any]] = [
    {
        "id": "row-1",
        "responseCode": "201",
        "responseBody": _CREATED,
        "responseHeaders": {"Location": _ADDRESS, "ETag": '"1"'},
    },
    {"responseCode": "400", "responseBody": _MISSING},
]


class NewUserItemSchema(Schema):
    """One user to create; a field that is not named here is that item's 400."""

    method = fields.String(validate=validate.Equal("POST"), metadata={"description": "POST, said or not; else that item's 405"})
    body = fields.Nested(UserCreateSchema, required=True, metadata={"description": "As that of `POST /users`"})
    idempotency_key = fields.String(
        data_key="idempotencyKey",
        metadata={
            "description": "The item's `Idempotency-Key`: one used at `POST /users` is known here, and the other way round",
            "example": "import-7:row-12",
        },
    )
    id = fields.String(
        validate=validate.Length(1, MAX_ID_CHARACTERS),
        metadata={"description": "The sender's name for the item, given back with its result", "example": "row-12"},
    )


class NewUserResultSchema(Schema):
    """What a single `POST /users` of the item's body would have been answered."""

    class Meta:
        """Later versions of the service may add fields."""

        unknown = EXCLUDE

    id = fields.String(metadata={"description": "The item's own id, where it had one"})
    response_code = fields.String(required=True, data_key="responseCode", metadata={"example": "201"})
    response_body = fields.Raw(
        required=True,
        data_key="responseBody",
        metadata={"anyOf": [{"$ref": "#/components/schemas/User"}, {"$ref": "#/components/schemas/Problem"}]},
    )
    response_headers = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        data_key="responseHeaders",
        metadata={"description": "`Location`, `ETag`, `Idempotent-Replayed`, `Retry-After`, `Allow`: those that there are"},
    )
