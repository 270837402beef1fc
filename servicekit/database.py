"""One SQLAlchemy engine a process, on SQLite (embedded) or PostgreSQL, with short read and write transactions.

SQLite runs in WAL mode with `synchronous=FULL`: what was committed survives a power cut. Writers take a file lock and
begin with `BEGIN IMMEDIATE`: a transaction that reads first and writes later would fail under other writers, and the
busy handler of SQLite is unfair to whoever waits (see docs/adr/0003-sqlite.md).
"""

import fcntl
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

try:
    from pysqlite3 import dbapi2 as sqlite
except ImportError:  # no wheel for this platform: the system's SQLite serves
    import sqlite3 as sqlite

_log = logging.getLogger(__name__)

# A bug in resetting the WAL can lose commits in SQLite 3.7.0 to 3.51.2 (sqlite.org/wal.html#walresetbug).
_WAL_SAFE_FROM = (3, 51, 3)
_LOCK_NOT_AVAILABLE = "55P03"  # postgresql.org/docs/current/errcodes-appendix.html
_MAX_WAIT_MS = 15_000
_LOG_WAIT_MS = 50


class StorageUnavailableError(Exception):
    """The database cannot be reached, is locked or has no room; the same call may succeed later."""


def waited_too_long(error: DBAPIError) -> bool:
    """Say whether PostgreSQL gave a statement up because another transaction held a lock for too long."""
    return getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE


class now_ms(FunctionElement[int]):  # noqa: N801 - reads as SQL where it is used
    """The database's clock in milliseconds since the epoch: the one clock that all processes share."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(now_ms, "sqlite")
def _now_sqlite(element: now_ms, compiler: Any, **kwargs: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


@compiles(now_ms, "postgresql")
def _now_postgresql(element: now_ms, compiler: Any, **kwargs: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


class Database:
    """Opens connections on first use and again after a fork, so that no two processes share one.

    A statement waits at most `max_wait_ms` for another transaction's lock, so that one that hangs does not stop all others.
    """

    def __init__(self, url: str, *, max_wait_ms: int = _MAX_WAIT_MS) -> None:
        self.url = make_url(url)
        self._max_wait_ms = max_wait_ms
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine: sa.Engine | None = None
        self._pid = 0
        self._opening = threading.Lock()
        self._write_lock = threading.Lock()
        self._lock_file: TextIO | None = None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that only reads; on SQLite it never waits for a writer."""
        with _translated(), self._connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that may write; it is durable when the block ends without an error."""
        with _translated(), self._connect() as connection, self._serialized():
            connection.execution_options(writing=True)
            with connection.begin():
                yield connection

    def check(self) -> bool:
        """Say that the database answers; raise StorageUnavailableError if it does not."""
        with self.reading() as connection:
            return bool(connection.execute(sa.text("SELECT 1")).scalar_one())

    def free_space(self) -> None:
        """Give the pages that deleted rows left back to the disk; PostgreSQL's autovacuum does so by itself."""
        if self.is_sqlite:
            with self.writing() as connection, closing(connection.connection.cursor()) as cursor:
                cursor.execute("PRAGMA incremental_vacuum")
                cursor.fetchall()  # each row that is fetched frees one page
            self.empty_log()

    def empty_log(self) -> None:
        """Cut SQLite's write-ahead log, in which what was overwritten or deleted stands still; while someone reads it stays.

        PostgreSQL's is its operator's to keep or not to keep: it is what backups and replicas are made of.
        """
        if not self.is_sqlite:
            return
        with (
            _translated(),
            self._connect() as connection,
            self._serialized(),
            closing(connection.connection.cursor()) as cursor,
        ):
            cursor.execute(f"PRAGMA busy_timeout={_LOG_WAIT_MS}")  # writers wait meanwhile
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            cursor.execute(f"PRAGMA busy_timeout={self._max_wait_ms}")

    def dispose(self) -> None:
        """Close this process's connections."""
        if self._engine is not None and self._pid == os.getpid():
            self._engine.dispose()
            if self._lock_file is not None:
                self._lock_file.close()
            self._engine = self._lock_file = None

    def _connect(self) -> sa.Connection:
        self._open()
        assert self._engine is not None
        return self._engine.connect()

    def _open(self) -> None:
        if self._pid == os.getpid() and self._engine is not None:
            return
        with self._opening:  # the first requests of a process come at once
            if self._pid == os.getpid() and self._engine is not None:
                return
            if self._engine is not None:
                self._engine.dispose(close=False)  # a fork: those connections are the parent's
            self._write_lock = threading.Lock()
            if self.is_sqlite and self.url.database:
                self._lock_file = _lock_file(self.url.database)
            make_engine = _sqlite_engine if self.is_sqlite else _postgresql_engine
            self._engine = make_engine(self.url, max_wait_ms=self._max_wait_ms)
            self._pid = os.getpid()  # last: what is seen without the lock is whole

    @contextmanager
    def _serialized(self) -> Iterator[None]:
        """Queue SQLite's writers fairly: threads at a lock, processes at a file lock."""
        if not self.is_sqlite:
            yield
            return
        self._open()
        assert self._lock_file is not None
        with self._write_lock:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)


def _lock_file(database: str) -> TextIO:
    try:
        return Path(f"{database}.lock").open("w")  # kept open on purpose
    except OSError as error:  # no folder, no right to write in it, no room
        raise StorageUnavailableError(f"the lock file beside the database: {error.strerror}") from error


def _postgresql_engine(url: URL, *, max_wait_ms: int) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, pool_timeout=10, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, record: Any) -> None:
        connection.execute(f"SET lock_timeout = {max_wait_ms}")
        connection.commit()

    return engine


def _sqlite_engine(url: URL, *, max_wait_ms: int) -> sa.Engine:
    engine = sa.create_engine(
        url,
        module=sqlite,
        pool_size=10,
        max_overflow=40,
        connect_args={"check_same_thread": False},
        hide_parameters=True,  # they are users' data, and errors are logged
    )
    wal = sqlite.sqlite_version_info >= _WAL_SAFE_FROM
    if not wal:
        _log.warning("SQLite %s has the WAL-reset bug: using a rollback journal, which is slower", sqlite.sqlite_version)

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is off: ours says IMMEDIATE where it must
        for pragma in (
            f"busy_timeout={max_wait_ms}",
            "auto_vacuum=INCREMENTAL",  # heeded by a new file alone, and before its first table
            f"journal_mode={'WAL' if wal else 'DELETE'}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        mode = "IMMEDIATE" if connection.get_execution_options().get("writing") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what a caller can only wait out into StorageUnavailableError; let everything else pass."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise StorageUnavailableError(_reason(error)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StorageUnavailableError(_reason(error)) from error
        raise


def _reason(error: Exception) -> str:
    # The driver's sentence alone: SQLAlchemy's own text carries the parameters, and those are users' data.
    return str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
