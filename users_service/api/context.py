"""What a view may reach: the use cases of its application, and who calls."""

from typing import cast

from flask import Flask, current_app

from users_service.application.use_cases import UseCases

_EXTENSION = "users_service"
_ANYONE = "anyone"


def init_app(app: Flask, use_cases: UseCases) -> None:
    """Hand the use cases to the views of an app."""
    app.extensions[_EXTENSION] = use_cases


def use_cases() -> UseCases:
    """Return the use cases of the app that answers this request."""
    return cast(UseCases, current_app.extensions[_EXTENSION])


def caller() -> str:
    """Name who sent this request; without authentication all are one."""
    return _ANYONE
