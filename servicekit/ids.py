"""Identifiers that sort by the time they were made (UUIDv7, RFC 9562 section 5.7)."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> str:
    """Return a new UUIDv7 as its canonical string of 36 characters."""
    return str(uuid_utils.compat.uuid7())


def is_id(text: str) -> bool:
    """Say whether the text is a UUID in canonical form, so that a database is never asked for another."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
