"""Whose the current request is, and the use cases of the application that answers it."""

from typing import cast

from flask import Flask, current_app

from batch_service.application.services import Services
from batch_service.domain.owner import Owner


def init_app(app: Flask, services: Services) -> None:
    """Keep the use cases with the application."""
    app.extensions["batch_service"] = services


def services() -> Services:
    """Return the use cases."""
    return cast(Services, current_app.extensions["batch_service"])


def owner() -> Owner:
    """Return the caller, to whom what it makes will belong; there is one as long as there is no authentication."""
    return Owner("default", "")
