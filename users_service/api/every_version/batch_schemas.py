"""The items and results of `POST /users/batch`, for the contract; `batch_items` reads and makes thousands of them."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from users_service.api.every_version import examples
from users_service.api.every_version.batch_items import MAX_ID_CHARACTERS
from users_service.api.every_version.schemas import UserCreateSchema

EXAMPLE_ITEMS: list[dict[str, Any]] = [
    {"id": "row-1", "idempotencyKey": "import-7:row-1", "body": examples.NEW_USER},
    {"method": "POST", "body": {"username": "Diego2"}},
]
_CREATED, _REFUSED = examples.results("v1")
EXAMPLE_RESULTS: list[dict[str, Any]] = [{"id": "row-1", **_CREATED}, _REFUSED]


def response_code() -> fields.String:
    """Make the field for the status that a single call would have had."""
    return fields.String(required=True, data_key="responseCode", metadata={"pattern": "^[2-5][0-9]{2}$", "example": "201"})


def response_body() -> fields.Raw:
    """Make the field for the body that a single call would have had."""
    either = [{"$ref": "#/components/schemas/User"}, {"$ref": "#/components/schemas/Problem"}]
    return fields.Raw(required=True, data_key="responseBody", metadata={"anyOf": either})


def response_headers() -> fields.Dict:
    """Make the field for the headers that a single call would have had."""
    shown = "`Location`, `ETag`, `Idempotent-Replayed`, `Retry-After`, `Allow`: those that there are"
    return fields.Dict(
        keys=fields.String(), values=fields.String(), data_key="responseHeaders", metadata={"description": shown}
    )


class NewUserItemSchema(Schema):
    """One user to create; a field that is not named here is that item's 400."""

    method = fields.String(validate=validate.Equal("POST"), metadata={"description": "POST, said or not; else that item's 405"})
    body = fields.Nested(UserCreateSchema, required=True, metadata={"description": "The user, as `POST /v1/users` takes one"})
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
    response_code = response_code()
    response_body = response_body()
    response_headers = response_headers()
