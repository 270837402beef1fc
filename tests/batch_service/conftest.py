from collections.abc import Iterator

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import metadata
from servicekit.database import Database
from tests.batch_service.making import make_vault


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with the service's tables (conformance/test_migrations.py proves that they are the migrated ones)."""
    database = Database(database_url)
    with database.writing() as connection:
        metadata.create_all(connection)
    yield database
    database.dispose()


@pytest.fixture
def store(database: Database) -> SqlJobStore:
    return SqlJobStore(database, make_vault())
