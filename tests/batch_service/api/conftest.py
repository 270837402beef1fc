import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from batch_service import bootstrap
from batch_service.app import create_app
from batch_service.settings import Settings
from servicekit.database import Database
from tests import checked_answers, postgresql
from tests.batch_service.api.asking import Api
from tests.batch_service.api.tiny_api import TinyApi

REGISTRY = """
[entities.things]
url = "{url}"
headers = ["If-Match", "Accept-Language"]
max_response_bytes = 100000
timeout = 20
retries = 1

[entities.readable]
url = "{url}"
methods = ["GET", "HEAD"]

[entities.nowhere]
url = "http://127.0.0.1:9/v1/nothing"
retries = 0

[entities.fenced]
url = "http://things.localhost:{port}/v1/things"
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database for all tests of a module, on each backend in turn: jobs do not see one another."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'batch.db'}"
    else:
        with postgresql.fresh_schema(request.getfixturevalue("postgresql_server")) as url:
            yield url


@pytest.fixture(scope="module")
def target() -> Iterator[TinyApi]:
    with TinyApi() as target:
        yield target
        target.free.set()


@pytest.fixture(scope="module")
def settings(module_database_url: str, target: TinyApi, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("service")
    (folder / "entities.toml").write_text(REGISTRY.format(url=target.url, port=target.port))
    return make_settings(module_database_url, folder)


def make_settings(database_url: str, folder: Path) -> Settings:
    """Limits so low that tests reach them soon."""
    return Settings(
        database_url=database_url,
        entities_file=folder / "entities.toml",
        var_dir=folder,
        host="127.0.0.1",
        port=0,
        workers=1,
        threads=4,
        max_items=60,
        max_sync_items=20,
        max_body_bytes=6 * 2**20,
        max_stream_bytes=9 * 2**20,
        max_wait_s=30.0,
        chunk_items=7,
        chunks_at_once=4,
        lease_s=15.0,
        drain_s=5.0,
        max_pending_items=500,
        job_timeout_s=3600.0,
        retention_s=3600.0,
        look_every_s=1.0,
        sweep_every_s=3600.0,  # its thread would outlive the database of the tests
        key_ring_file=folder / "keyring",
    )


@pytest.fixture(scope="module")
def database(settings: Settings) -> Iterator[Database]:
    database = bootstrap.make_database(settings)
    bootstrap.MIGRATIONS.upgrade(database)
    bootstrap.prepare_keys(settings, database)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def app(settings: Settings, database: Database) -> Flask:
    return create_app(settings, database)


@pytest.fixture(scope="module")
def worker(settings: Settings, database: Database, target: TinyApi) -> Iterator[None]:
    """A worker in a thread of the test; system tests have one in a process of its own."""
    stopping = threading.Event()
    worker = bootstrap.make_worker(settings, database)
    thread = threading.Thread(target=worker, args=(stopping.is_set,))
    thread.start()
    yield
    target.free.set()
    stopping.set()
    worker.bell.ring()
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """The API alone: what it accepts is queued and stays so."""
    return app.test_client()


@pytest.fixture
def api(client: FlaskClient, worker: None) -> Api:
    """The API, and a worker that runs what it accepts."""
    return Api(client)


@pytest.fixture(autouse=True)
def _answers_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    checked_answers.watch(monkeypatch, "batch")
