"""What version 2 answers to an array of users, for the contract."""

from typing import Any

from marshmallow import EXCLUDE, Schema

from users_service.api.every_version import examples
from users_service.api.every_version.batch_schemas import response_body, response_code, response_headers

EXAMPLE_USERS: list[dict[str, Any]] = [examples.NEW_USER, {"username": "Diego2"}]
EXAMPLE_RESULTS = examples.results("v2")


class CreationResultSchema(Schema):
    """What `POST /v1/users` would have answered to one user of the array."""

    class Meta:
        """Later versions of the service may add fields."""

        unknown = EXCLUDE

    response_code = response_code()
    response_body = response_body()
    response_headers = response_headers()
