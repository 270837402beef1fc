"""Users in SQLite or PostgreSQL, one code path through SQLAlchemy Core."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from servicekit.database import Database, now_ms
from users_service.adapters import kept_answers, new_users
from users_service.adapters.new_users import hash_values, profile_values
from users_service.adapters.tables import users
from users_service.domain.errors import UsernameTakenError, UserNotFoundError, VersionMismatchError
from users_service.domain.idempotency import Answer, AnsweredCall, IdempotencyKey, KeptAnswer, KeyedCall
from users_service.domain.password import Algorithm, PasswordHash
from users_service.domain.user import NewUser, Profile, User

_SHOWN = sa.select(
    users.c.id,
    users.c.username,
    users.c.email,
    users.c.display_name,
    users.c.locale,
    users.c.metadata_json,
    users.c.version,
    users.c.created_at,
    users.c.updated_at,
)
# Built once: composing a statement costs more than running it.
_ONE = _SHOWN.where(users.c.id == sa.bindparam("user_id"))
_ONE_LOCKED = _ONE.with_for_update()
_HASH = sa.select(users.c.password_algorithm, users.c.password_hash).where(users.c.id == sa.bindparam("user_id"))


class SqlUserStore:
    """The port `UserStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = new_users.add_statement(is_sqlite=database.is_sqlite)
        self._keep = kept_answers.keep_statement(is_sqlite=database.is_sqlite)

    @contextmanager
    def reading(self) -> Iterator["SqlUsers"]:
        """Begin a transaction that only reads."""
        with self._database.reading() as connection:
            yield SqlUsers(connection, insert=self._insert, keep=self._keep)

    @contextmanager
    def writing(self) -> Iterator["SqlUsers"]:
        """Begin a transaction that may write."""
        with self._database.writing() as connection:
            yield SqlUsers(connection, insert=self._insert, keep=self._keep)


class SqlUsers:
    """The ports `UserReader` and `UserWriter` on one connection."""

    def __init__(self, connection: sa.Connection, *, insert: sa.Executable, keep: sa.Executable) -> None:
        self._connection = connection
        self._insert = insert
        self._keep = keep

    def get(self, user_id: str) -> User:
        """Return a user; raise UserNotFoundError."""
        return self._one(_ONE, user_id)

    def get_locked(self, user_id: str) -> User:
        """Return a user under a row lock; SQLite has one writer at a time and needs none."""
        return self._one(_ONE_LOCKED, user_id)

    def page(self, *, after_id: str | None, limit: int, username_key: str | None) -> Sequence[User]:
        """Return users in the order of their ids."""
        query = _SHOWN.order_by(users.c.id).limit(limit)
        if after_id is not None:
            query = query.where(users.c.id > after_id)
        if username_key is not None:
            query = query.where(users.c.username_key == username_key)
        return [_user(row) for row in self._connection.execute(query)]

    def password_hash(self, user_id: str) -> PasswordHash:
        """Return a user's hash; raise UserNotFoundError."""
        row = self._connection.execute(_HASH, {"user_id": user_id}).one_or_none()
        if row is None:
            raise UserNotFoundError
        return PasswordHash(Algorithm(row.password_algorithm), row.password_hash)

    def add(self, *, user_id: str, profile: Profile, password_hash: PasswordHash) -> User:
        """Add a user; raise UsernameTakenError if the unique constraint says so."""
        added = self.add_many([NewUser(user_id, profile, password_hash)])[0]
        if added is None:
            raise UsernameTakenError
        return added

    def add_many(self, wanted: Sequence[NewUser]) -> Sequence[User | None]:
        """Add those whose names are free; the unique constraint says which."""
        return new_users.add_many(self._connection, self._insert, wanted)

    def update(self, user: User, *, profile: Profile, password_hash: PasswordHash | None = None) -> User:
        """Write the next version of a user over the one that was read."""
        values = {"version": user.version + 1, "updated_at": now_ms(), **profile_values(profile)}
        if password_hash is not None:
            values |= hash_values(password_hash)
        statement = users.update().where(*_still(user)).values(values).returning(users.c.version, users.c.updated_at)
        try:
            row = self._connection.execute(statement).one_or_none()
        except IntegrityError:
            raise UsernameTakenError from None  # no other constraint can break here
        if row is None:
            raise VersionMismatchError
        return User(user.id, profile, row.version, created_at_ms=user.created_at_ms, updated_at_ms=row.updated_at)

    def delete(self, user: User) -> None:
        """Delete the version of a user that was read."""
        if self._connection.execute(users.delete().where(*_still(user))).rowcount == 0:
            raise VersionMismatchError

    def replace_hash(self, user_id: str, *, old: PasswordHash, new: PasswordHash) -> bool:
        """Swap a hash for another of the same password."""
        same = (users.c.id == user_id, users.c.password_hash == old.value)
        return self._connection.execute(users.update().where(*same).values(hash_values(new))).rowcount == 1

    def find_answer(self, call: KeyedCall) -> KeptAnswer | None:
        """Return what is kept for this call."""
        return kept_answers.find(self._connection, call)

    def find_answers(self, calls: Sequence[KeyedCall]) -> Mapping[IdempotencyKey, KeptAnswer]:
        """Return what is kept for these calls."""
        return kept_answers.find_many(self._connection, calls)

    def keep_answer(self, call: KeyedCall, answer: Answer, *, password_hash: PasswordHash | None = None) -> None:
        """Keep the first answer to a call; raise KeyInUseError if the unique constraint says that it is not the first."""
        kept_answers.keep(self._connection, self._keep, AnsweredCall(call, answer, password_hash))

    def keep_answers(self, answered: Sequence[AnsweredCall]) -> None:
        """Keep the first answers to many calls; raise KeysInUseError if the unique constraint says that some are not."""
        kept_answers.keep_many(self._connection, self._keep, answered)

    def forget_answers(self, *, older_than_ms: int, limit: int) -> int:
        """Forget the oldest answers; return how many."""
        return kept_answers.forget(self._connection, older_than_ms=older_than_ms, limit=limit)

    def _one(self, query: sa.Select[Any], user_id: str) -> User:
        row = self._connection.execute(query, {"user_id": user_id}).one_or_none()
        if row is None:
            raise UserNotFoundError
        return _user(row)


def _still(user: User) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return users.c.id == user.id, users.c.version == user.version


def _user(row: Any) -> User:
    user_id, username, email, display_name, locale, metadata_json, version, created_at, updated_at = row
    profile = Profile(username, email=email, display_name=display_name, locale=locale, metadata=metadata_json)
    return User(user_id, profile, version, created_at_ms=created_at, updated_at_ms=updated_at)
