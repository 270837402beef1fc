"""A user: the profile that clients set, and what the service adds to it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, fields, replace
from typing import Any, TypedDict

from servicekit import strict_json
from users_service.domain.errors import VersionMismatchError
from users_service.domain.metadata import NO_METADATA, merged_metadata
from users_service.domain.password import PasswordHash

MAX_EMAIL_CHARACTERS = 254  # RFC 5321 section 4.5.3.1.3, less the angle brackets
MAX_DISPLAY_NAME_CHARACTERS = 256
MAX_LOCALE_CHARACTERS = 35  # RFC 5646 section 4.4.1
DEFAULT_LOCALE = "en"


class ProfilePatch(TypedDict, total=False):
    """A merge patch of a profile: absent keeps, None resets to the default (never for `username`)."""

    username: str
    email: str | None
    display_name: str | None
    locale: str | None
    metadata: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a client sets; `metadata` is JSON text."""

    username: str
    email: str | None = None
    display_name: str | None = None
    locale: str = DEFAULT_LOCALE
    metadata: str = NO_METADATA

    @property
    def shown_name(self) -> str:
        """The display name, or the username for as long as none is set."""
        return self.display_name if self.display_name is not None else self.username

    def content(self) -> dict[str, Any]:
        """Return what is set; defaults are left out, so that a field that a later version adds changes nothing here."""
        values = ((each, getattr(self, each.name)) for each in fields(self))
        content = {each.name: value for each, value in values if value != each.default}
        if "metadata" in content:
            content["metadata"] = strict_json.loads(self.metadata.encode())
        return content

    def patched(self, patch: ProfilePatch) -> "Profile":
        """Apply a merge patch (RFC 7396); raise InvalidValueError if the metadata outgrows its limit."""
        changes: dict[str, Any] = {**patch}
        if "locale" in changes:
            changes["locale"] = changes["locale"] or DEFAULT_LOCALE
        if "metadata" in changes:
            inner = changes["metadata"]
            changes["metadata"] = NO_METADATA if inner is None else merged_metadata(self.metadata, inner)
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class User:
    """A stored user; `version` counts its changes from 1."""

    id: str
    profile: Profile
    version: int
    created_at_ms: int
    updated_at_ms: int


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to add, with the id that it gets and the hash that is kept of its password."""

    id: str
    profile: Profile
    password_hash: PasswordHash


def require_version(user: User, versions: Set[int] | None) -> None:
    """Raise VersionMismatchError unless the user is at one of these versions; None means any."""
    if versions is not None and user.version not in versions:
        raise VersionMismatchError


def conditions(versions: Set[int] | None) -> dict[str, Any]:
    """Say which versions a call asks for, as content of the call; nothing for None."""
    return {} if versions is None else {"versions": sorted(versions)}
