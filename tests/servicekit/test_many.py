from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from servicekit.database import Database, StorageUnavailableError
from servicekit.many import Insert, Many

table = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("data", sa.LargeBinary),
    sa.Column("is_new", sa.Boolean),
    sa.Column("status", sa.String(9)),
)
ROWS = [(1, "a\tb\\n\n", b"\x00\xff\\", True), (2, None, None, None), (3, "é \\N", b"", False)]
insert = Insert(table, table.c.id, table.c.name, table.c.data, table.c.is_new)
rename = Many(
    table.update()
    .where(table.c.id == sa.bindparam("b_id"), table.c.is_new.is_not(True))
    .values(name=sa.bindparam("b_name"), status=sa.case((sa.bindparam("b_name") == "good", "kept"), else_="changed"))
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.writing() as connection:
        table.create(connection)
    yield database
    with database.writing() as connection:
        table.drop(connection)
    database.dispose()


def rows(database: Database, *columns: sa.Column[object]) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(table.c.id))]


def test_rows_are_inserted_as_they_are(database: Database) -> None:
    with database.writing() as connection:
        insert(connection, ROWS)
        insert(connection, [])
    assert rows(database, table.c.id, table.c.name, table.c.data, table.c.is_new) == ROWS


def test_each_row_has_its_own_values(database: Database) -> None:
    with database.writing() as connection:
        insert(connection, ROWS)
        rename(connection, [{"b_id": number, "b_name": name} for number, name in ((1, "one"), (2, "good"), (3, "three"))])
        rename(connection, [])
    assert rows(database, table.c.name, table.c.status) == [(ROWS[0][1], None), ("good", "kept"), ("three", "changed")]


def test_what_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"), database.writing() as connection:
        insert(connection, [*ROWS, ROWS[0]])
    assert rows(database, table.c.id) == []


def test_a_connection_that_breaks_is_a_database_that_cannot_be_used(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no connection")
    with pytest.raises(StorageUnavailableError):
        _insert_over_a_broken_connection(database)
    with database.writing() as connection:
        insert(connection, ROWS)
    assert len(rows(database, table.c.id)) == 3


def _insert_over_a_broken_connection(database: Database) -> None:
    with database.writing() as connection:
        own = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        with database.reading() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        insert(connection, ROWS)
