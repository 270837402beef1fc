from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from batch_service import bootstrap
from batch_service.adapters.job_store import SqlJobStore
from servicekit.database import Database
from servicekit.ids import new_id
from tests.batch_service.conformance.results import claim, good, record
from tests.batch_service.making import add_job, make_job, make_vault


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


def test_jobs_from_before_payloads_were_sealed_stay_and_run(empty: Database) -> None:
    bootstrap.MIGRATIONS.upgrade(empty)
    bootstrap.MIGRATIONS.downgrade(empty, "0004")
    job_id = new_id()
    with empty.writing() as connection:
        for statement in (
            "INSERT INTO jobs (id, entity, status, total, succeeded, failed, created_at)"
            " VALUES (:id, 'things', 'queued', 1, 0, 0, 1)",
            "INSERT INTO chunks (job_id, number, first_index, last_index, status, fence, claims)"
            " VALUES (:id, 0, 0, 0, 'pending', 0, 0)",
            "INSERT INTO items (job_id, position, root_position, method, target, body, status, attempts)"
            " VALUES (:id, 0, 0, 'POST', 'http://a/b', :body, 'pending', 0)",
        ):
            named = {"id": job_id, "body": b"{}"}
            connection.execute(sa.text(statement), {name: named[name] for name in named if f":{name}" in statement})
    bootstrap.MIGRATIONS.upgrade(empty)
    store = SqlJobStore(empty, make_vault())
    claimed = claim(store)
    assert [(item.target, item.body) for item in claimed.items] == [("http://a/b", b"{}")]
    assert record(store, claimed, [good(0)], last=True).status == "succeeded"


def test_on_the_way_back_what_is_sealed_is_lost_and_the_rest_stays(empty: Database) -> None:
    """The version before could read nothing of it, and would send items without their bodies."""
    bootstrap.MIGRATIONS.upgrade(empty)
    add_job(SqlJobStore(empty, make_vault()), make_job(), chunk_items=1)
    bootstrap.MIGRATIONS.downgrade(empty, "0004")
    with empty.reading() as connection:
        assert [connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar() for name in ("jobs", "items")] == [0, 0]
    bootstrap.MIGRATIONS.upgrade(empty)
    assert bootstrap.MIGRATIONS.differences(empty, bootstrap.METADATA) == []
