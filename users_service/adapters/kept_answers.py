"""The first answers to calls with a key, on the connection of the transaction that made them true."""

from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from servicekit.database import now_ms, waited_too_long
from users_service.adapters.tables import idempotency_keys as keys
from users_service.domain.errors import KeyInUseError
from users_service.domain.idempotency import Answer, KeptAnswer, KeyedCall
from users_service.domain.password import Algorithm, PasswordHash

_NAME = (keys.c.caller, keys.c.operation, keys.c.key)
_FIND = sa.select(keys.c.fingerprint, keys.c.password_hash, keys.c.status, keys.c.headers, keys.c.body).where(
    *(column == sa.bindparam(column.name) for column in _NAME)
)
# The ids grow with time: the oldest are the first, and no index on the time is needed. Two that purge at once share the work.
_OLDEST = sa.select(keys.c.id).order_by(keys.c.id).limit(sa.bindparam("at_most")).with_for_update(skip_locked=True)
_FORGET = keys.delete().where(keys.c.id.in_(_OLDEST), keys.c.created_at < now_ms() - sa.bindparam("age_ms"))


def keep_statement(*, is_sqlite: bool) -> sa.Executable:
    """Build the statement that keeps an answer, once a store: composing it costs more than running it."""
    insert = sqlite.insert if is_sqlite else postgresql.insert
    return insert(keys).values(created_at=now_ms()).on_conflict_do_nothing(index_elements=_NAME).returning(keys.c.id)


def keep(
    connection: sa.Connection,
    statement: sa.Executable,
    call: KeyedCall,
    answer: Answer,
    *,
    password_hash: PasswordHash | None,
) -> None:
    """Keep an answer; raise KeyInUseError if one is kept already or another transaction is about to, for too long."""
    values = {
        **_name(call),
        "fingerprint": call.fingerprint,
        "password_hash": None if password_hash is None else password_hash.value,
        "status": answer.status,
        "headers": orjson.dumps(answer.headers).decode(),
        "body": answer.body,
    }
    try:
        kept = connection.execute(statement, values).one_or_none()
    except OperationalError as error:
        if waited_too_long(error):
            raise KeyInUseError from None
        raise
    if kept is None:
        raise KeyInUseError


def find(connection: sa.Connection, call: KeyedCall) -> KeptAnswer | None:
    """Return what is kept for a call."""
    row = connection.execute(_FIND, _name(call)).one_or_none()
    if row is None:
        return None
    answer = Answer(row.status, orjson.loads(row.headers), row.body)
    made = None if row.password_hash is None else PasswordHash(Algorithm.ARGON2ID, row.password_hash)
    return KeptAnswer(answer, row.fingerprint, made)


def forget(connection: sa.Connection, *, older_than_ms: int, limit: int) -> int:
    """Forget the oldest answers; return how many."""
    return connection.execute(_FORGET, {"age_ms": older_than_ms, "at_most": limit}).rowcount


def _name(call: KeyedCall) -> dict[str, Any]:
    return {"caller": call.key.caller, "operation": call.operation, "key": call.key.text}
