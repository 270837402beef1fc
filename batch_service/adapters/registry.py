"""The registry file: what can be batched is configuration (TOML), checked whole before the service starts."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from batch_service.adapters.registry_faults import describe
from batch_service.adapters.registry_schema import RegistrySchema
from batch_service.domain.entity import Entity
from batch_service.domain.errors import RegistryError, UnknownEntityError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class FileRegistry:
    """The entities of one registry file, read once."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        self._entities = dict(sorted(entities.items()))

    def get(self, name: str) -> Entity:
        """Return an entity; raise UnknownEntityError."""
        try:
            return self._entities[name]
        except KeyError:
            raise UnknownEntityError(name, list(self._entities)) from None

    def all(self) -> list[Entity]:
        """Return every entity, by name."""
        return list(self._entities.values())


def load_registry(path: Path, environment: Mapping[str, str] = os.environ) -> FileRegistry:
    """Read a registry file, with `${NAME}` and `${NAME:-default}` taken from the environment.

    Raises:
        RegistryError: the file is missing or wrong; the message names the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(f"{path}: the registry cannot be read ({error}); name another file with ENTITIES_FILE.") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RegistryError(f"{path}: {error}.") from None
    try:
        return FileRegistry(RegistrySchema().load(_expand(data, environment)))
    except ValidationError as error:
        raise RegistryError(describe(path, text, error.messages)) from None


def _expand(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _expand(inner, environment) for key, inner in value.items()}
    if isinstance(value, list):
        return [_expand(inner, environment) for inner in value]
    if isinstance(value, str):
        # A variable that is not set stays as it is written, and the check of the value then names it.
        return _VARIABLE.sub(lambda match: environment.get(match[1]) or match[2] or match[0], value)
    return value
