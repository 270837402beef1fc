"""Version 1 of the contract, at `/v1/users` and, for ever the same, at `/users`."""

from flask import Flask

from servicekit.api import VersionedApi
from users_service.api.v1 import batch
from users_service.api.v1.users import blueprint

_DESCRIPTION = (
    "Users: create them one at a time or many in one call, read, change and delete them, and check their passwords.\n\n"
    "Every path is also served without `/v1`. No answer has a password or its hash. Errors are problem documents (RFC 9457): "
    "`error` is a sentence to act on, `code` a stable word, `errors` points to each fault of a body. Every answer has an "
    "`X-Request-Id`."
)


def init_app(app: Flask) -> None:
    """Serve version 1 and its contract document."""
    api = VersionedApi(app, title="Users service", path="v1", version="1.0.0", description=_DESCRIPTION)
    api.register_blueprint(blueprint, url_prefix="/v1/users")
    api.register_blueprint(batch.blueprint, url_prefix="/v1/users")
    app.register_blueprint(blueprint, name="unversioned_users", url_prefix="/users")
    app.register_blueprint(batch.blueprint, name="unversioned_users_batch", url_prefix="/users")
