"""The kinds of values that bodies have."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from marshmallow import ValidationError, fields, validate

from servicekit.times import rfc3339
from users_service.api.problems import messages
from users_service.domain.errors import InvalidValueError
from users_service.domain.metadata import metadata_text
from users_service.domain.text import check_text
from users_service.domain.user import MAX_EMAIL_CHARACTERS, MAX_LOCALE_CHARACTERS

_is_email = validate.Email(error="Not an email address.")
_LOCALE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
# As the contract says what `check_text`, `password` and `locale` hold to, in the dialect of ECMA-262.
_PLAIN = r"\u0000-\u001f\u007f-\u009f"
TEXT_PATTERN = f"^[^{_PLAIN}]*$"
TRIMMED_PATTERN = rf"^[^\s{_PLAIN}]([^{_PLAIN}]*[^\s{_PLAIN}])?$"
NO_NUL_PATTERN = r"^[^\u0000]*$"
LOCALE_PATTERN = f"^{_LOCALE.pattern}$"


class Epoch(fields.Integer):
    """A time that leaves as RFC 3339."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "date-time", "example": "2026-11-22T19:51:42.123Z"}, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return rfc3339(value)


class JsonObject(fields.Dict):
    """A JSON object that leaves as the text it is stored as."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return orjson.Fragment(value)


def ruled(rule: Callable[[Any], object]) -> Callable[[Any], None]:
    """Make a validator of a rule of the domain."""

    def validator(value: Any) -> None:
        try:
            rule(value)
        except InvalidValueError as error:
            raise ValidationError(messages(error)) from None

    return validator


def text(field: str, max_characters: int) -> Callable[[str], None]:
    """Make a validator of a text of 1 to `max_characters` characters without control characters."""
    return ruled(lambda value: check_text(value, field=field, max_characters=max_characters))


def password(value: str) -> None:
    """Allow any character but NUL, which bcrypt takes for an end; the length is checked by `Length`."""
    if "\0" in value:
        raise ValidationError("Has a NUL character.")


_email_text = text("email", MAX_EMAIL_CHARACTERS)
_locale_text = text("locale", MAX_LOCALE_CHARACTERS)


def email(value: str) -> None:
    """Check the length first, so that the pattern never sees a long text."""
    _email_text(value)
    _is_email(value)


def locale(value: str) -> None:
    """Check the shape of a BCP 47 language tag, not whether its parts are registered."""
    _locale_text(value)
    if not _LOCALE.fullmatch(value):
        raise ValidationError('Not a language tag such as "pt-BR".')


@ruled
def metadata(value: Mapping[str, Any]) -> None:
    """Check the size of a metadata object and what PostgreSQL could not hold."""
    metadata_text(value)
