"""The tables of the users service."""

import sqlalchemy as sa

from servicekit.api_keys import keys_table
from users_service.domain.imported_hash import MAX_HASH_CHARACTERS
from users_service.domain.user import MAX_DISPLAY_NAME_CHARACTERS, MAX_EMAIL_CHARACTERS, MAX_LOCALE_CHARACTERS
from users_service.domain.username import MAX_KEY_CHARACTERS, MAX_USERNAME_CHARACTERS

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
    sa.Column("username_key", sa.String(MAX_KEY_CHARACTERS), nullable=False, unique=True),
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

api_keys = keys_table(metadata)
