"""The tables of the users service."""

import sqlalchemy as sa

from servicekit.api_keys import keys_table
from users_service.domain.idempotency import MAX_CALLER_CHARACTERS, MAX_KEY_CHARACTERS, MAX_OPERATION_CHARACTERS
from users_service.domain.imported_hash import MAX_HASH_CHARACTERS
from users_service.domain.user import MAX_DISPLAY_NAME_CHARACTERS, MAX_EMAIL_CHARACTERS, MAX_LOCALE_CHARACTERS
from users_service.domain.username import MAX_KEY_CHARACTERS as MAX_USERNAME_KEY_CHARACTERS
from users_service.domain.username import MAX_USERNAME_CHARACTERS

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("username", sa.String(MAX_USERNAME_CHARACTERS), nullable=False),
    sa.Column("username_key", sa.String(MAX_USERNAME_KEY_CHARACTERS), nullable=False, unique=True),
    sa.Column("password_algorithm", sa.String(16), nullable=False),
    sa.Column("password_hash", sa.String(MAX_HASH_CHARACTERS), nullable=False),
    sa.Column("email", sa.String(MAX_EMAIL_CHARACTERS)),
    sa.Column("display_name", sa.String(MAX_DISPLAY_NAME_CHARACTERS)),
    sa.Column("locale", sa.String(MAX_LOCALE_CHARACTERS), nullable=False),
    sa.Column("metadata_json", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    # SQLite numbers rows by itself only in a column that is INTEGER to the letter.
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("caller", sa.String(MAX_CALLER_CHARACTERS), nullable=False),
    sa.Column("operation", sa.String(MAX_OPERATION_CHARACTERS), nullable=False),
    sa.Column("key", sa.String(MAX_KEY_CHARACTERS), nullable=False),
    sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
    sa.Column("password_hash", sa.String(MAX_HASH_CHARACTERS)),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("caller", "operation", "key"),
)

api_keys = keys_table(metadata)
