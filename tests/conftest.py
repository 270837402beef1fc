import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy.engine import URL

from tests import brokers, postgresql

_missing: dict[str, str] = {}


@pytest.fixture(scope="session")
def postgresql_server() -> URL:
    """A PostgreSQL server; skips without one, fails without one in CI."""
    try:
        return postgresql.find_server()
    except postgresql.NoPostgresError as error:
        _lacks("PostgreSQL", error)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of a test's own, on each backend in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
    else:
        with postgresql.fresh_schema(request.getfixturevalue("postgresql_server")) as url:
            yield url


@pytest.fixture(params=["amqp", "redis"])
def broker(request: pytest.FixtureRequest) -> Iterator[brokers.Broker]:
    """A queue of a test's own, on each broker in turn; skips without one, fails without one in CI."""
    try:
        url = brokers.find(request.param)
    except brokers.NoBrokerError as error:
        _lacks({"amqp": "RabbitMQ", "redis": "Redis"}[request.param], error)
    with brokers.fresh_queue(url) as broker:
        yield broker


def _lacks(server: str, error: Exception) -> NoReturn:
    _missing[server] = str(error)
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI needs {server}: {error}")
    pytest.skip(f"{server} NOT TESTED: {error}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for server, reason in _missing.items():
        terminalreporter.write_sep("!", f"{server} WAS NOT TESTED", red=True)
        terminalreporter.write_line(reason)
