"""The task of the Celery worker, called as a worker calls it."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from batch_service import bootstrap
from batch_service.adapters.job_store import SqlJobStore
from servicekit.database import Database
from tests.batch_service.making import KEY_RING, OWNER, add_job, make_job
from tests.batch_service.waiting import eventually
from tests.brokers import Broker

pytestmark = [
    pytest.mark.parametrize("broker", ["redis"], indirect=True),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database, broker: Broker) -> ModuleType:
    (tmp_path / "entities.toml").write_text('[entities.things]\nurl = "http://127.0.0.1:9/v1/things"\nretries = 0\n')
    monkeypatch.setenv("ENTITIES_FILE", str(tmp_path / "entities.toml"))
    monkeypatch.setenv("KEYRING", KEY_RING)
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    for name, value in broker.settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "batch_service.tasks", raising=False)
    return importlib.import_module("batch_service.tasks")


def test_it_works_until_there_is_nothing_to_claim(tasks: ModuleType, store: SqlJobStore, broker: Broker) -> None:
    job = make_job(3)
    add_job(store, job, chunk_items=1)
    tasks.work()
    assert store.get(job.id, OWNER).counts.failed == 3
    eventually(lambda: tasks._wake_up.is_idle)
    assert broker.waiting == 0


def test_at_the_end_of_its_slice_it_rings_for_what_is_left(
    tasks: ModuleType, store: SqlJobStore, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()
    add_job(store, job, chunk_items=1)
    monkeypatch.setattr(bootstrap, "SLICE_S", -1.0)
    tasks.work()
    assert store.get(job.id, OWNER).counts.pending == 1
    eventually(lambda: broker.waiting == 1)
