from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from batch_service import bootstrap
from servicekit.database import Database


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


def test_a_migrated_database_has_the_tables_of_the_code(empty: Database) -> None:
    assert not bootstrap.MIGRATIONS.is_current(empty)
    bootstrap.MIGRATIONS.upgrade(empty)
    assert bootstrap.MIGRATIONS.is_current(empty)
    assert bootstrap.MIGRATIONS.differences(empty, bootstrap.METADATA) == []


def test_migrating_twice_is_migrating_once(empty: Database) -> None:
    bootstrap.MIGRATIONS.upgrade(empty)
    bootstrap.MIGRATIONS.upgrade(empty)
    assert bootstrap.MIGRATIONS.is_current(empty)


def test_the_way_back_leaves_nothing(empty: Database) -> None:
    bootstrap.MIGRATIONS.upgrade(empty)
    bootstrap.MIGRATIONS.downgrade(empty)
    with empty.reading() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    bootstrap.MIGRATIONS.upgrade(empty)
    assert bootstrap.MIGRATIONS.differences(empty, bootstrap.METADATA) == []


def test_jobs_from_before_there_were_owners_stay(empty: Database) -> None:
    bootstrap.MIGRATIONS.upgrade(empty)
    bootstrap.MIGRATIONS.downgrade(empty, "0003")
    with empty.writing() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO jobs (id, entity, status, total, succeeded, failed, created_at)"
                " VALUES ('an id', 'things', 'queued', 1, 0, 0, 1)"
            )
        )
    bootstrap.MIGRATIONS.upgrade(empty)
    with empty.reading() as connection:
        assert connection.execute(sa.text("SELECT tenant, subject FROM jobs")).all() == [("default", "")]
