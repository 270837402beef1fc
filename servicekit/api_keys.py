"""API keys: 256 random bits with a prefix, of which a database keeps the SHA-256 alone.

A fast hash is right here: nothing can be guessed in 256 random bits, and a slow one would be paid at each request.
"""

import hashlib
import re
import secrets

import sqlalchemy as sa

from servicekit.database import Database, now_ms
from servicekit.ids import new_id

_WELL_FORMED = re.compile(r"key_[A-Za-z0-9_-]{43}")


class MalformedKeyError(ValueError):
    """The text is no API key: `key_` and 43 characters of base64url."""


def new_key() -> str:
    """Make a key: `key_` and 32 random bytes as base64url."""
    return f"key_{secrets.token_urlsafe(32)}"


def keys_table(metadata: sa.MetaData) -> sa.Table:
    """Define the table of keys in a service's own database."""
    return sa.Table(
        "api_keys",
        metadata,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("prefix", sa.String(12), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def add_key(database: Database, keys: sa.Table, *, key: str, name: str) -> bool:
    """Enter a key; say whether it is new to this database."""
    if not _WELL_FORMED.fullmatch(key):
        raise MalformedKeyError("An API key is key_ and 43 characters of base64url.")
    digest = hashlib.sha256(key.encode()).hexdigest()
    with database.writing() as connection:
        known = connection.execute(sa.select(keys.c.id).where(keys.c.sha256 == digest)).first()
        if known is None:
            row = {"id": new_id(), "name": name, "prefix": key[:12], "sha256": digest, "created_at": now_ms()}
            connection.execute(keys.insert().values(row))
    return known is None
