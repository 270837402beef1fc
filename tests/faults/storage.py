"""The services' own database: locked, away, cut off, or without room."""

import sqlite3
import threading
from contextlib import closing
from random import Random

import psycopg
from sqlalchemy.engine import make_url

from tests.faults.bench import Bench
from tests.faults.disk import fill, free
from tests.faults.fault import Fault
from tests.faults.oracle import Evidence
from tests.faults.ways import Mode, Way

_LOCKED_S = 10.0
_FULL_S = 3.0
_DISK_BYTES = 16 * 2**20


def lock(bench: Bench, random: Random) -> None:
    """Hold SQLite's write lock from outside, past the services' own queue."""
    bench.wait_for_items(10)
    path = make_url(bench.database_url).database
    assert path is not None
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        threading.Event().wait(_LOCKED_S)
        connection.execute("ROLLBACK")
    bench.wait_for_items(30)


def fill_up(bench: Bench, random: Random) -> None:
    bench.wait_for_items(30)
    threading.Event().wait(random.uniform(0, 0.3))
    fill(bench.disk)
    threading.Event().wait(_FULL_S)
    free(bench.disk)
    bench.wait_for_items(30)


def lose_connections(bench: Bench, random: Random) -> None:
    """Reset every connection, refuse new ones for a while, then cut some in the middle of a statement."""
    bench.wait_for_items(10)
    bench.the_proxy.cut_all()
    bench.wait_for_items(10)
    bench.the_proxy.down()
    threading.Event().wait(random.uniform(0.5, 2))
    bench.the_proxy.up()
    bench.the_proxy.mode = Mode(way=random.choice([Way.CUT_BEFORE, Way.CUT_AFTER]), share=0.02)
    bench.wait_for_faults(5)
    bench.the_proxy.mode = Mode()
    bench.wait_for_items(30)


def terminate_backends(bench: Bench, random: Random) -> None:
    bench.wait_for_items(10)
    url = make_url(bench.database_url)
    plain = url.set(drivername="postgresql", query={}).render_as_string(hide_password=False)
    ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
    with psycopg.connect(plain, autocommit=True) as connection:
        for _ in range(5):
            connection.execute(ours, [url.query["application_name"]])
            threading.Event().wait(random.uniform(0, 0.3))
    bench.wait_for_items(30)


def _was_refused(bench: Bench, evidence: Evidence) -> list[str]:
    return [] if any(client.refusals for client in bench.clients) else ["no batch was answered 503"]


FAULTS = (
    Fault(name="database locked for 10 s", inflict=lock, databases=("sqlite",), times=1, has_bare_client=True),
    Fault(
        name="disk full",
        inflict=fill_up,
        databases=("sqlite",),
        disk_bytes=_DISK_BYTES,
        has_bare_client=True,
        look=_was_refused,
    ),
    Fault(name="database connections lost", inflict=lose_connections, databases=("postgresql",), proxied="database"),
    Fault(name="database backends terminated", inflict=terminate_backends, databases=("postgresql",)),
)
