import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests import postgresql

_missing: list[str] = []


@pytest.fixture(scope="session")
def postgresql_server() -> URL:
    """A PostgreSQL server; skips without one, fails without one in CI."""
    try:
        return postgresql.find_server()
    except postgresql.NoPostgresError as error:
        _missing.append(str(error))
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI needs PostgreSQL: {error}")
        pytest.skip(f"PostgreSQL NOT TESTED: {error}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of a test's own, on each backend in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
    else:
        with postgresql.fresh_schema(request.getfixturevalue("postgresql_server")) as url:
            yield url


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reason in _missing:
        terminalreporter.write_sep("!", "PostgreSQL WAS NOT TESTED", red=True)
        terminalreporter.write_line(reason)
