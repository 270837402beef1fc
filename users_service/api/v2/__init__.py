"""Version 2 of the contract, at `/v2/users`. It differs from version 1 in one thing: `POST` takes an array of users."""

from flask import Flask

from servicekit.api import VersionedApi
from servicekit.retirement import Retirement
from users_service.api.every_version import batch, documents, users
from users_service.api.v2 import create_users

_DESCRIPTION = f"""Users: create many in one call, read, change and delete them, and check their passwords.

It differs from version 1 in one operation: `POST /v2/users` takes an array of users and answers with an array of results. An
`Idempotency-Key` is one of both versions: a call that is sent again through the other one gets its first answer, as it was.

{documents.MANNERS}"""
_BLUEPRINTS = (create_users.blueprint, users.blueprint, batch.blueprint)


def init_app(app: Flask, retirement: Retirement) -> None:
    """Serve version 2 and its contract document."""
    api = VersionedApi(
        app,
        title="Users service",
        path="v2",
        version="2.0.0",
        description=_DESCRIPTION,
        additions=documents.ADDITIONS,
        retirement=retirement,
    )
    for blueprint in _BLUEPRINTS:
        api.serve(blueprint, at="/v2/users")
