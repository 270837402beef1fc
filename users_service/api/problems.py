"""Which status and code each error of the domain has."""

from typing import Any

from flask import Flask, Response

from servicekit import problems, request_id, validation
from servicekit.problems import FieldError, ProblemError
from users_service.domain import errors

_ANSWERS: dict[type[errors.UsersError], tuple[int, str]] = {
    errors.UserNotFoundError: (404, "user_not_found"),
    errors.UsernameTakenError: (409, "username_taken"),
    errors.VersionMismatchError: (412, "precondition_failed"),
    errors.WrongPasswordError: (403, "wrong_password"),
    errors.InvalidValueError: (400, "invalid_field"),
    errors.InvalidKeyError: (400, "invalid_idempotency_key"),
    errors.KeyReusedError: (422, "idempotency_key_reused"),
    errors.KeyInUseError: (409, "idempotency_key_in_use"),
}
_HEADERS: dict[type[errors.UsersError], dict[str, str]] = {errors.KeyInUseError: {"Retry-After": "1"}}


def problem(error: errors.UsersError) -> ProblemError:
    """Turn an error of the domain into the problem that a client gets."""
    status, code = _ANSWERS[type(error)]
    places = _places(error)
    sentence = places[0]["detail"] if places else str(error)
    return ProblemError(status, sentence, code=code, errors=places, headers=_HEADERS.get(type(error)))


def messages(error: errors.InvalidValueError) -> Any:
    """Nest the message of an invalid value as marshmallow does, without the name of the field."""
    nested: Any = [str(error)]
    for part in reversed(error.path):
        nested = {part: nested}
    return nested


def init_app(app: Flask) -> None:
    """Answer errors of the domain as problems."""

    @app.errorhandler(errors.UsersError)
    def refuse(error: errors.UsersError) -> Response:
        return problems.response(problem(error), request_id=request_id.current_request_id())


def _places(error: errors.UsersError) -> list[FieldError]:
    if isinstance(error, errors.UsernameTakenError):
        return [{"pointer": "/username", "detail": str(error)}]
    if isinstance(error, errors.InvalidValueError):
        return validation.field_errors({error.field: messages(error)})
    return []
