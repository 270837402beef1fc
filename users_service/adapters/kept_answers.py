"""The first answers to calls with a key, on the connection of the transaction that made them true."""

from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from servicekit.database import now_ms, waited_too_long
from users_service.adapters.tables import idempotency_keys as keys
from users_service.domain.errors import KeyInUseError, KeysInUseError
from users_service.domain.idempotency import Answer, AnsweredCall, IdempotencyKey, KeptAnswer, KeyedCall
from users_service.domain.password import Algorithm, PasswordHash

_NAME = (keys.c.caller, keys.c.operation, keys.c.key)
_FIND = sa.select(keys.c.fingerprint, keys.c.password_hash, keys.c.status, keys.c.headers, keys.c.body).where(
    *(column == sa.bindparam(column.name) for column in _NAME)
)
_FIND_MANY = sa.select(keys.c.key, keys.c.fingerprint, keys.c.password_hash, keys.c.status, keys.c.headers, keys.c.body).where(
    keys.c.caller == sa.bindparam("caller"),
    keys.c.operation == sa.bindparam("operation"),
    keys.c.key.in_(sa.bindparam("key_texts", expanding=True)),
)
# The ids grow with time: the oldest are the first, and no index on the time is needed. Two that purge at once share the work.
_OLDEST = sa.select(keys.c.id).order_by(keys.c.id).limit(sa.bindparam("at_most")).with_for_update(skip_locked=True)
_FORGET = keys.delete().where(keys.c.id.in_(_OLDEST), keys.c.created_at < now_ms() - sa.bindparam("age_ms"))


def keep_statement(*, is_sqlite: bool) -> sa.Executable:
    """Build the statement that keeps an answer, once a store: composing it costs more than running it."""
    insert = sqlite.insert if is_sqlite else postgresql.insert
    return insert(keys).values(created_at=now_ms()).on_conflict_do_nothing(index_elements=_NAME).returning(keys.c.key)


def keep(connection: sa.Connection, statement: sa.Executable, answered: AnsweredCall) -> None:
    """Keep an answer; raise KeyInUseError if one is kept already or another transaction is about to, for too long."""
    try:
        kept = connection.execute(statement, _row(answered)).one_or_none()
    except OperationalError as error:
        if waited_too_long(error):
            raise KeyInUseError from None
        raise
    if kept is None:
        raise KeyInUseError


def keep_many(connection: sa.Connection, statement: sa.Executable, answered: Sequence[AnsweredCall]) -> None:
    """Keep answers to calls of different keys; raise KeysInUseError if some are kept already or waited for too long."""
    # All writers take their locks in one order, so that no two wait for each other.
    ordered = sorted(answered, key=lambda each: each.call.key.text)
    try:
        with connection.begin_nested():
            kept = set(connection.execute(statement, [_row(each) for each in ordered]).scalars())
    except OperationalError as error:
        if not waited_too_long(error):
            raise
        kept = _kept_without_waiting(connection, statement, ordered)
    if len(kept) < len(ordered):
        raise KeysInUseError({each.call.key for each in ordered if each.call.key.text not in kept})


def find(connection: sa.Connection, call: KeyedCall) -> KeptAnswer | None:
    """Return what is kept for a call."""
    row = connection.execute(_FIND, _name(call)).one_or_none()
    if row is None:
        return None
    return _kept(row)


def find_many(connection: sa.Connection, calls: Sequence[KeyedCall]) -> dict[IdempotencyKey, KeptAnswer]:
    """Return what is kept for calls of one caller and one operation."""
    caller, operation = calls[0].key.caller, calls[0].operation
    names = {"caller": caller, "operation": operation, "key_texts": list({call.key.text for call in calls})}
    return {IdempotencyKey(caller, row.key): _kept(row) for row in connection.execute(_FIND_MANY, names)}


def forget(connection: sa.Connection, *, older_than_ms: int, limit: int) -> int:
    """Forget the oldest answers; return how many."""
    return connection.execute(_FORGET, {"age_ms": older_than_ms, "at_most": limit}).rowcount


def _kept_without_waiting(connection: sa.Connection, statement: sa.Executable, answered: Sequence[AnsweredCall]) -> set[str]:
    # The long wait for all of them together is over; now each by itself says whether it was the one.
    connection.exec_driver_sql("SET LOCAL lock_timeout = 1")
    kept: set[str] = set()
    for each in answered:
        try:
            with connection.begin_nested():
                kept.update(connection.execute(statement, _row(each)).scalars())
        except OperationalError as error:
            if not waited_too_long(error):
                raise
    return kept


def _kept(row: Any) -> KeptAnswer:
    answer = Answer(row.status, orjson.loads(row.headers), row.body)
    made = None if row.password_hash is None else PasswordHash(Algorithm.ARGON2ID, row.password_hash)
    return KeptAnswer(answer, row.fingerprint, made)


def _row(answered: AnsweredCall) -> dict[str, Any]:
    made = answered.password_hash
    return {
        **_name(answered.call),
        "fingerprint": answered.call.fingerprint,
        "password_hash": None if made is None else made.value,
        "status": answered.answer.status,
        "headers": orjson.dumps(answered.answer.headers).decode(),
        "body": answered.answer.body,
    }


def _name(call: KeyedCall) -> dict[str, Any]:
    return {"caller": call.key.caller, "operation": call.operation, "key": call.key.text}
