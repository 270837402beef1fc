"""Users to add, one or many in a statement; the unique name decides."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from servicekit.database import now_ms
from users_service.adapters.tables import users
from users_service.domain.password import PasswordHash
from users_service.domain.user import NewUser, Profile, User
from users_service.domain.username import username_key


def add_statement(*, is_sqlite: bool) -> sa.Executable:
    """Build the statement that adds users whose names are free, once a store: composing it costs more than running it."""
    insert = sqlite.insert if is_sqlite else postgresql.insert
    return (
        insert(users)
        .values(version=1, created_at=now_ms(), updated_at=now_ms())
        .on_conflict_do_nothing(index_elements=[users.c.username_key])
        .returning(users.c.id, users.c.version, users.c.created_at, users.c.updated_at)
    )


def add_many(connection: sa.Connection, statement: sa.Executable, wanted: Sequence[NewUser]) -> list[User | None]:
    """Add users in one statement; return None in the place of each whose name is not free."""
    # All writers take their locks in one order, so that no two wait for each other. Of equal names the first stays the first.
    rows = sorted((_row(new) for new in wanted), key=lambda row: row["username_key"])
    added = {row.id: row for row in connection.execute(statement, rows)}
    return [_added(new, added.get(new.id)) for new in wanted]


def profile_values(profile: Profile) -> dict[str, Any]:
    """Return the columns of a profile."""
    return {
        "username": profile.username,
        "username_key": username_key(profile.username),
        "email": profile.email,
        "display_name": profile.display_name,
        "locale": profile.locale,
        "metadata_json": profile.metadata,
    }


def hash_values(password_hash: PasswordHash) -> dict[str, Any]:
    """Return the columns of a hash."""
    return {"password_algorithm": password_hash.algorithm.value, "password_hash": password_hash.value}


def _row(new: NewUser) -> dict[str, Any]:
    return {"id": new.id, **profile_values(new.profile), **hash_values(new.password_hash)}


def _added(new: NewUser, row: Any) -> User | None:
    if row is None:
        return None
    return User(new.id, new.profile, row.version, created_at_ms=row.created_at, updated_at_ms=row.updated_at)
