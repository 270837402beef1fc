"""One statement for many rows, handed to the driver as it is: SQLAlchemy's work for each row costs more than the row.

Measured by `python -m benchmarks.item_path`.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Compiled
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.dml import UpdateBase


class Many:
    """A statement that is compiled once a dialect, and then run for each of many rows.

    Values go to the driver untouched: the columns are of types whose Python values the driver takes (text, numbers, bytes,
    booleans, None).
    """

    def __init__(self, statement: UpdateBase) -> None:
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}

    def __call__(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run the statement with each row's values for its bound parameters."""
        if not rows:
            return
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = self._compiled[connection.dialect.name] = self._statement.compile(dialect=connection.dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        values = [{**constants, **row} for row in rows]
        names = compiled.positiontup  # type: ignore[attr-defined]
        connection.exec_driver_sql(str(compiled), values if names is None else list(map(itemgetter(*names), values)))


class Insert:
    """Insert many rows into some columns of a table: `COPY` on PostgreSQL, one prepared statement on SQLite."""

    def __init__(self, table: sa.Table, *columns: sa.Column[Any]) -> None:
        self._names = [column.name for column in columns]
        self._one = Many(table.insert().values({name: sa.bindparam(name) for name in self._names}))
        self._copy = f"COPY {table.name} ({', '.join(self._names)}) FROM STDIN"

    def __call__(self, connection: sa.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows, each with its values in the order of the columns."""
        if connection.dialect.name == "postgresql":
            self._copy_in(connection, rows)
        else:
            self._one(connection, [dict(zip(self._names, row, strict=True)) for row in rows])

    def _copy_in(self, connection: sa.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
        driver = connection.dialect.loaded_dbapi
        try:
            with connection.connection.cursor() as cursor, cursor.copy(self._copy) as copy:  # type: ignore[attr-defined]
                for row in rows:
                    copy.write_row(row)
        except driver.OperationalError as error:  # what SQLAlchemy would say, had it been asked
            raise OperationalError(self._copy, None, error) from error
