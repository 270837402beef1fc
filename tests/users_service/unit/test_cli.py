import io
import secrets
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from users_service import cli


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "var" / "users.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    return path


def run(*arguments: str, monkeypatch: pytest.MonkeyPatch, given: str = "") -> object:
    """Run the command in this process; return what it exits with."""
    monkeypatch.setattr(sys, "argv", ["users-service", *arguments])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return caught.value.code


def select(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.usefixtures("database")
def test_is_installed_as_a_command() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "users-service", "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    assert all(name in done.stdout for name in ("serve", "migrate", "purge", "keys", "openapi"))


def test_migrate_makes_the_folder_and_the_tables_and_may_be_repeated(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("migrate", monkeypatch=monkeypatch) == 0
    assert run("migrate", monkeypatch=monkeypatch) == 0
    tables = {name for (name,) in select(database, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {"users", "idempotency_keys", "api_keys", "alembic_version"}


def test_a_key_is_entered_once_and_hashed(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = f"key_{secrets.token_urlsafe(32)}"
    run("migrate", monkeypatch=monkeypatch)
    for _ in range(2):
        assert run("keys", "add", "-", monkeypatch=monkeypatch, given=key) == 0
    rows = select(database, "SELECT * FROM api_keys")
    assert len(rows) == 1
    assert key not in str(rows)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "0"), ("WORKERS", "0"), ("ARGON2_MEMORY_KIB", "lots"), ("IDEMPOTENCY_RETENTION_S", "3600")],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert run("migrate", monkeypatch=monkeypatch) == 2
    assert name in capsys.readouterr().err


def test_purge_forgets_what_is_older_than_two_weeks(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("migrate", monkeypatch=monkeypatch)
    now_ms, day_ms = time.time_ns() // 1_000_000, 86_400_000
    ages_days = [30, 15, 13, 0]
    with closing(sqlite3.connect(database)) as connection, connection:
        rows = [(f"key {age}", now_ms - age * day_ms) for age in ages_days]
        connection.executemany(
            "INSERT INTO idempotency_keys (caller, operation, key, fingerprint, status, headers, body, created_at)"
            " VALUES ('anyone', 'create_user', ?, x'00', 204, '{}', x'', ?)",
            rows,
        )
    assert run("purge", monkeypatch=monkeypatch) == 0
    assert capsys.readouterr().out == "2 answers forgotten\n"
    assert select(database, "SELECT key FROM idempotency_keys ORDER BY id") == [("key 13",), ("key 0",)]


@pytest.mark.usefixtures("database")
def test_serves_no_public_address(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HOST", "0.0.0.0")
    assert run("serve", monkeypatch=monkeypatch) == 2
    assert "127.0.0.1" in capsys.readouterr().err


@pytest.mark.usefixtures("database")
def test_prints_its_contract(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("openapi", "v1", monkeypatch=monkeypatch) == 0
    assert "createUser" in str(yaml.safe_load(capsys.readouterr().out)["paths"]["/v1/users"])
