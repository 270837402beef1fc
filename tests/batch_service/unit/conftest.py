from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import metadata
from servicekit.database import Database
from tests.batch_service.making import make_vault
from tests.batch_service.unit.bench import Bench


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqlJobStore]:
    database = Database(f"sqlite:///{tmp_path / 'unit.db'}")
    with database.writing() as connection:
        metadata.create_all(connection)
    yield SqlJobStore(database, make_vault())
    database.dispose()


@pytest.fixture
def bench(sqlite_store: SqlJobStore) -> Iterator[Bench]:
    with Bench(sqlite_store) as bench:
        yield bench
