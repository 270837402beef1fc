"""The Flask application."""

from flask import Flask

import servicekit.api
from servicekit import health
from users_service.api import context, problems, v1, v2
from users_service.bootstrap import MIGRATIONS, Services

MAX_BODY_BYTES = 1024 * 1024


def create_app(services: Services) -> Flask:
    """Build the application on a wired service."""
    app = Flask("users_service", static_folder=None)
    servicekit.api.init_app(app, max_body_bytes=MAX_BODY_BYTES)
    context.init_app(app, services.use_cases)
    problems.init_app(app)
    v1.init_app(app, services.v1_retirement)
    v2.init_app(app, services.v2_retirement)
    _add_health(app, services)
    return app


def _add_health(app: Flask, services: Services) -> None:
    def migrations_are_current() -> bool:
        return MIGRATIONS.is_current(services.database)

    health.init_app(app, {"database": services.database.check, "migrations": migrations_are_current})
