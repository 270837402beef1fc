"""Revisions that come to a database with users in it."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from servicekit.database import Database
from tests.users_service.conformance.test_user_store import MIGRATIONS, add, get
from users_service.adapters.tables import metadata
from users_service.adapters.user_store import SqlUserStore


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


def test_users_stay_when_keys_come_and_go(database: Database) -> None:
    MIGRATIONS.upgrade(database)
    MIGRATIONS.downgrade(database, "0001")
    with database.reading() as connection:
        assert "idempotency_keys" not in sa.inspect(connection).get_table_names()
    store = SqlUserStore(database)
    user = add(store)
    assert not MIGRATIONS.is_current(database)
    MIGRATIONS.upgrade(database)
    assert MIGRATIONS.differences(database, metadata) == []
    assert get(store, user.id) == user


def test_the_way_back_leaves_nothing(database: Database) -> None:
    MIGRATIONS.upgrade(database)
    MIGRATIONS.downgrade(database)
    with database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_whoever_migrates_waits_for_as_long_as_another_takes(database: Database, database_url: str) -> None:
    impatient = Database(database_url, max_wait_ms=50)
    waiting = threading.Thread(target=MIGRATIONS.upgrade, args=(impatient,))
    with database.writing() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('migrations'))"))
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
    waiting.join(30)
    assert MIGRATIONS.is_current(impatient)
    impatient.dispose()
