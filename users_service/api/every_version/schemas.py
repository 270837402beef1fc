"""The bodies and queries of every version."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate, validates_schema

from servicekit.pagination import PageSchema
from servicekit.problems import ProblemError
from users_service.api.every_version import fields as kinds
from users_service.api.problems import messages
from users_service.domain.errors import InvalidValueError
from users_service.domain.imported_hash import MAX_HASH_CHARACTERS, check_imported_hash
from users_service.domain.metadata import metadata_text
from users_service.domain.password import MAX_PASSWORD_CHARACTERS, Algorithm, Password, PasswordHash
from users_service.domain.user import (
    DEFAULT_LOCALE,
    MAX_DISPLAY_NAME_CHARACTERS,
    MAX_EMAIL_CHARACTERS,
    MAX_LOCALE_CHARACTERS,
    Profile,
)
from users_service.domain.username import MAX_USERNAME_CHARACTERS, check_username

_PASSWORD = {"format": "password", "pattern": kinds.NO_NUL_PATTERN, "example": "123456"}


def _username(**kwargs: Any) -> fields.String:
    about = "Unique whatever its case and Unicode form; no control characters, no white space around it."
    return fields.String(
        validate=kinds.ruled(check_username),
        metadata={
            "minLength": 1,
            "maxLength": MAX_USERNAME_CHARACTERS,
            "pattern": kinds.TRIMMED_PATTERN,
            "description": about,
            "example": "Diego",
        },
        **kwargs,
    )


def _password(**kwargs: Any) -> fields.String:
    length = validate.Length(1, MAX_PASSWORD_CHARACTERS, error="Must have {min} to {max} characters.")
    return fields.String(validate=[length, kinds.password], metadata=_PASSWORD, **kwargs)


class BodySchema(Schema):
    """A body that is one object."""

    array_refusal = "Send a JSON object."

    @pre_load
    def refuse_other(self, data: Any, **kwargs: Any) -> Any:
        """Refuse what is no object."""
        if not isinstance(data, dict):
            sentence = self.array_refusal if isinstance(data, list) else "Send a JSON object."
            raise ProblemError(400, sentence, code="not_an_object")
        return data


class UserBodySchema(BodySchema):
    """What every body of a user may have; null in an optional field stands for the default."""

    username = _username(required=True)
    password = _password(load_only=True)
    email = fields.String(
        allow_none=True,
        validate=kinds.email,
        metadata={"format": "email", "maxLength": MAX_EMAIL_CHARACTERS, "description": "Default null"},
    )
    display_name = fields.String(
        data_key="displayName",
        allow_none=True,
        validate=kinds.text("displayName", MAX_DISPLAY_NAME_CHARACTERS),
        metadata={
            "minLength": 1,
            "maxLength": MAX_DISPLAY_NAME_CHARACTERS,
            "pattern": kinds.TEXT_PATTERN,
            "description": "Default: the username",
        },
    )
    locale = fields.String(
        allow_none=True,
        validate=kinds.locale,
        metadata={
            "minLength": 2,
            "maxLength": MAX_LOCALE_CHARACTERS,
            "pattern": kinds.LOCALE_PATTERN,
            "description": f'A BCP 47 language tag; default "{DEFAULT_LOCALE}"',
            "example": "pt-BR",
        },
    )
    metadata = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        validate=kinds.metadata,
        metadata={"description": 'Any JSON object of at most 16 KiB, such as {"team": "blue"}; default {}'},
    )


class PasswordHashSchema(Schema):
    """A password hash made elsewhere."""

    algorithm = fields.String(required=True, validate=validate.OneOf([str(known) for known in Algorithm]))
    value = fields.String(
        required=True,
        metadata={
            "minLength": 1,
            "maxLength": MAX_HASH_CHARACTERS,
            "description": "PHC or crypt string; its cost must lie between a floor and a cap",
            "example": "$2b$10$IHB1ltsFwaXxQWTh9YD4eObgIFPAZ2gbUSHbZ.OpDiUdIyX2F55Zi",
        },
    )

    @post_load
    def checked(self, data: dict[str, str], **kwargs: Any) -> PasswordHash:
        """Refuse another form than the algorithm's, and costs out of bounds."""
        made = PasswordHash(Algorithm(data["algorithm"]), data["value"])
        try:
            check_imported_hash(made)
        except InvalidValueError as error:
            raise ValidationError({"value": messages(error)}) from None
        return made


class UserCreateSchema(UserBodySchema):
    """A new user, with a password or a password hash."""

    array_refusal = (
        "Send one user as an object; arrays go to POST /users/batch or /v2/users, or to POST /batch/users of the batch service."
    )

    password_hash = fields.Nested(PasswordHashSchema, data_key="passwordHash", load_only=True)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def one_credential(self, data: Any, original: dict[str, Any], **kwargs: Any) -> None:
        """Refuse none and both."""
        if "password" not in original and "passwordHash" not in original:
            raise ValidationError({"password": [fields.Field.default_error_messages["required"]]})
        if "password" in original and "passwordHash" in original:
            raise ValidationError({"passwordHash": ["Send it or password, not both."]})

    @post_load
    def parted(self, data: dict[str, Any], **kwargs: Any) -> tuple[Profile, Password | PasswordHash]:
        """Part the profile from the credential."""
        imported = data.pop("password_hash", None)
        credential = imported if imported is not None else Password(data.pop("password"))
        return _profile(data), credential


class UserReplaceSchema(UserBodySchema):
    """A whole user; the password stays if it is absent, the optional fields do not."""

    @post_load
    def parted(self, data: dict[str, Any], **kwargs: Any) -> tuple[Profile, Password | None]:
        """Part the profile from the password."""
        given = data.pop("password", None)
        return _profile(data), None if given is None else Password(given)


class UserPatchSchema(UserBodySchema):
    """A merge patch (RFC 7396): absent keeps, null resets an optional field."""

    username = _username()

    @post_load
    def parted(self, data: dict[str, Any], **kwargs: Any) -> tuple[dict[str, Any], Password | None]:
        """Part the patch of the profile from the password."""
        given = data.pop("password", None)
        return data, None if given is None else Password(given)


class PasswordCheckSchema(BodySchema):
    """A password to check."""

    password = _password(required=True, load_only=True)

    @post_load
    def wrapped(self, data: dict[str, str], **kwargs: Any) -> Password:
        """Keep it out of logs."""
        return Password(data["password"])


class UserSchema(Schema):
    """A user as every answer shows it."""

    class Meta:
        """Later versions of the service may add fields."""

        unknown = EXCLUDE

    user_id = fields.String(required=True, data_key="userId", attribute="id", metadata={"format": "uuid"})
    username = fields.String(required=True, attribute="profile.username", metadata={"example": "Diego"})
    email = fields.String(required=True, attribute="profile.email", allow_none=True)
    display_name = fields.String(
        required=True, data_key="displayName", attribute="profile.shown_name", metadata={"example": "Diego"}
    )
    locale = fields.String(required=True, attribute="profile.locale", metadata={"example": DEFAULT_LOCALE})
    metadata = kinds.JsonObject(required=True, attribute="profile.metadata")
    created_at = kinds.Epoch(required=True, data_key="createdAt", attribute="created_at_ms")
    updated_at = kinds.Epoch(required=True, data_key="updatedAt", attribute="updated_at_ms")


class UserPageSchema(Schema):
    """A page of users in the order of their ids."""

    class Meta:
        """As of a user."""

        unknown = EXCLUDE

    users = fields.List(fields.Nested(UserSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "The `cursor` of the next page"})


class UserQuerySchema(PageSchema):
    """Which users a list shows."""

    username = fields.String(
        load_default=None,
        validate=kinds.text("username", MAX_USERNAME_CHARACTERS),
        metadata={
            "minLength": 1,
            "maxLength": MAX_USERNAME_CHARACTERS,
            "pattern": kinds.TEXT_PATTERN,
            "description": "Only the user of this name, whatever its case and Unicode form",
        },
    )


def _profile(data: dict[str, Any]) -> Profile:
    given = {name: value for name, value in data.items() if value is not None}
    if "metadata" in given:
        given["metadata"] = metadata_text(given["metadata"])
    return Profile(**given)
