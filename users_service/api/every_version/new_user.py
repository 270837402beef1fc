"""Read the bodies of many new users as `UserCreateSchema` reads one, at a fraction of the cost.

It asks the schema's own fields, validators and rules, without what marshmallow does around them at each body. The tests hold
both to each other: what one accepts or refuses, the other does, and in the same words.
"""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields
from marshmallow.error_store import merge_errors

from servicekit import validation
from users_service.api.every_version.schemas import UserCreateSchema
from users_service.api.problems import messages
from users_service.domain.errors import InvalidValueError
from users_service.domain.imported_hash import check_imported_hash
from users_service.domain.password import Algorithm, Password, PasswordHash
from users_service.domain.user import Profile

_SCHEMA = UserCreateSchema()
_HASH_KEYS = {"algorithm", "value"}
_ALGORITHMS = {known.value: known for known in Algorithm}


def read_new_user(body: Any) -> tuple[Profile, Password | PasswordHash]:
    """Return the profile and the credential in a body; raise a 400 problem with a pointer for each fault."""
    data: dict[str, Any] = _SCHEMA.refuse_other(body)
    values: dict[str, Any] = {}
    faults: dict[str, Any] = {}
    for key, name, read, is_required in _FIELDS:
        if key in data:
            try:
                values[name] = read(data[key])
            except ValidationError as error:
                faults[key] = error.messages
        elif is_required:
            faults[key] = [fields.Field.default_error_messages["required"]]
    if not data.keys() <= _KNOWN:
        faults |= {key: [_SCHEMA.error_messages["unknown"]] for key in data if key not in _KNOWN}
    try:
        _SCHEMA.one_credential(values, data)
    except ValidationError as error:
        faults = merge_errors(faults, error.messages)  # type: ignore[no-untyped-call]
    if faults:
        validation.refuse(ValidationError(faults))
    parted: tuple[Profile, Password | PasswordHash] = _SCHEMA.parted(values)
    return parted


def _reader(field: fields.Field[Any]) -> Callable[[Any], Any]:
    if isinstance(field, fields.Nested):
        return lambda value: _read_hash(value, field)
    return _text_reader(field) if type(field) is fields.String else field.deserialize


def _text_reader(field: fields.Field[Any]) -> Callable[[Any], Any]:
    validators, only_one = field.validators, len(field.validators) == 1

    def read(value: Any) -> Any:
        if type(value) is not str:
            return field.deserialize(value)
        try:
            for validate in validators:
                validate(value)
        except ValidationError:
            if only_one:
                raise
            return field.deserialize(value)  # which gathers the faults of all
        return value

    return read


def _read_hash(value: Any, field: fields.Field[Any]) -> Any:
    """Read a hash here where its form is right, and through its own schema where there are faults of form to list."""
    if not isinstance(value, dict) or value.keys() != _HASH_KEYS:
        return field.deserialize(value)
    algorithm, text = value["algorithm"], value["value"]
    if not isinstance(text, str) or not isinstance(algorithm, str) or algorithm not in _ALGORITHMS:
        return field.deserialize(value)
    made = PasswordHash(_ALGORITHMS[algorithm], text)
    try:
        check_imported_hash(made)
    except InvalidValueError as error:
        raise ValidationError({"value": messages(error)}) from None
    return made


_FIELDS = [(field.data_key or name, name, _reader(field), field.required) for name, field in _SCHEMA.load_fields.items()]
_KNOWN = {key for key, _, _, _ in _FIELDS}
