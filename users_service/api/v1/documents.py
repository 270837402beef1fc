"""What the contract document says of parameters and headers."""

from collections.abc import Iterable
from typing import Any

from users_service.api.v1.schemas import UserPatchSchema

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


def patch_body(content_types: Iterable[str]) -> dict[str, Any]:
    """Describe the body of a merge patch."""
    return {"required": True, "content": {name: {"schema": UserPatchSchema} for name in content_types}}
