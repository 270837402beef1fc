"""Version 1 of the contract, at `/v1/users` and, for ever the same, at `/users`: `POST` takes one user."""

from flask import Flask

from servicekit.api import VersionedApi
from servicekit.retirement import Retirement
from users_service.api.every_version import batch, documents, users
from users_service.api.v1 import create_user

_DESCRIPTION = f"""Users: create them, one at a time or many in one call; read, change and delete them;
check their passwords.

Every path is also served without `/v1`. {documents.MANNERS}"""
_BLUEPRINTS = (create_user.blueprint, users.blueprint, batch.blueprint)


def init_app(app: Flask, retirement: Retirement) -> None:
    """Serve version 1 and its contract document."""
    api = VersionedApi(
        app,
        title="Users service",
        path="v1",
        version="1.0.0",
        description=_DESCRIPTION,
        additions=documents.ADDITIONS,
        retirement=retirement,
        successor="v2",
    )
    for blueprint in _BLUEPRINTS:
        api.serve(blueprint, at="/v1/users", also_at="/users")
