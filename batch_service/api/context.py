"""The use cases of the application that answers the current request."""

from typing import cast

from flask import Flask, current_app

from batch_service.application.services import Services


def init_app(app: Flask, services: Services) -> None:
    """Keep the use cases with the application."""
    app.extensions["batch_service"] = services


def services() -> Services:
    """Return the use cases."""
    return cast(Services, current_app.extensions["batch_service"])
