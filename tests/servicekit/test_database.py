import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import servicekit.api
from servicekit.database import Database, StorageUnavailableError


def test_a_missing_folder_is_a_database_that_cannot_be_used_yet(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/var/test.db")
    for _ in range(2):
        with pytest.raises(StorageUnavailableError, match="lock file beside the database: No such file"):
            database.check()
    with pytest.raises(StorageUnavailableError), database.writing():
        pass
    (tmp_path / "var").mkdir()
    assert database.check()
    database.dispose()


def test_a_missing_folder_is_a_503(tmp_path: Path) -> None:
    app = Flask(__name__, static_folder=None)
    servicekit.api.init_app(app, max_body_bytes=1024)
    database = Database(f"sqlite:///{tmp_path}/var/test.db")
    app.add_url_rule("/", view_func=lambda: {"answers": database.check()})
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.get_json()["code"] == "storage_unavailable"
    assert str(tmp_path) not in answer.text


@pytest.fixture
def locked_table(database_url: str) -> Iterator[None]:
    """A transaction of somebody else's that has changed a row and does not end."""
    database = Database(database_url)
    with database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE things (id INTEGER PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO things VALUES (1)"))
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE things SET id = 2"))
        yield
    database.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("locked_table")
def test_a_lock_is_waited_for_as_long_as_was_said(database_url: str) -> None:
    database = Database(database_url, max_wait_ms=100)
    with pytest.raises(StorageUnavailableError, match="lock timeout"), database.writing() as connection:
        connection.execute(sa.text("UPDATE things SET id = 3"))
    database.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_every_connection_has_the_limit(database_url: str) -> None:
    database = Database(database_url)
    waits: list[str] = []

    def ask() -> None:
        with database.reading() as connection:
            waits.append(connection.execute(sa.text("SHOW lock_timeout")).scalar_one())

    with database.reading():
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(10)
        ask()
    database.dispose()
    assert waits == ["15s", "15s"]
