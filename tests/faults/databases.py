"""An empty database for a run."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from servicekit.database import Database
from tests.faults.fault import NotTriedError
from tests.postgresql import NoPostgresError, find_server, fresh_schema


@contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database; PostgreSQL's list of connections shows a name of its own."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'batch.db'}"
        return
    try:
        server = find_server()
    except NoPostgresError as error:
        raise NotTriedError(f"no PostgreSQL: {error}") from None
    with fresh_schema(server) as url:
        name = f"faults-{uuid.uuid4().hex}"
        yield make_url(url).update_query_dict({"application_name": name}).render_as_string(hide_password=False)


def owners_of_chunks(url: str) -> list[str]:
    database = Database(url)
    try:
        with database.reading() as connection:
            running = sa.text("SELECT DISTINCT owner FROM chunks WHERE status = 'running'")
            return [str(owner) for owner in connection.execute(running).scalars()]
    finally:
        database.dispose()


def port_of(url: str) -> int:
    return make_url(url).port or 5432


def through_port(url: str, port: int) -> str:
    """The same database behind another port of this machine."""
    return make_url(url).set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
