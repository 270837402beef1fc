"""The command `batch-service`: what stops a start, and how it says so."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from batch_service import cli
from batch_service.settings import read_settings
from servicekit.database import Database
from tests.batch_service.making import KEY_RING
from tests.batch_service.processes import COMMAND, free_port

GOOD = '[entities.things]\nurl = "http://127.0.0.1:9/v1/things"\n'
Run = Callable[[str], tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in the environment of the test; return its exit code and what it said."""
    (tmp_path / "entities.toml").write_text(GOOD)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("ENTITIES_FILE", str(tmp_path / "entities.toml"))
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("KEYRING", KEY_RING)
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def _run(command: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["batch-service", command])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), capsys.readouterr().err

    return _run


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_registry_that_cannot_be_used_stops_the_start_and_names_the_line(run: Run, tmp_path: Path, command: str) -> None:
    file = tmp_path / "entities.toml"
    file.write_text(f'{GOOD}\n[entities.jobs]\nurl = "http://127.0.0.1:9/v1/jobs"\n')
    code, said = run(command)
    assert code == 2
    assert said.startswith(f"batch-service: {file}, line 4: entities.jobs: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("WORKERS", "many"),
        ("CHUNK_ITEMS", "0"),
        ("LEASE_S", "0"),
        ("MAX_ITEMS", "-1"),
        ("MAX_WAIT_S", "soon"),
        ("BROKER_URL", "http://user:s3cret@127.0.0.1"),
        ("BROKER_URL", "user:s3cret@127.0.0.1:5672"),
        ("BROKER_URL", "amqp://user:s3cret@127.0.0.1:s3cret"),
        ("BROKER_URL", "memory://s3cret"),
        ("BROKER_URL", "amqps://user:s3cret@127.0.0.1"),
        ("BROKER_URL", "redis:///s3cret"),
        ("BROKER_QUEUE", ""),
        ("BROKER_QUEUE", "a queue"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start_and_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    code, said = run("worker")
    assert code == 2
    assert said.startswith("batch-service: ")
    assert name in said
    assert "s3cret" not in said


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", "::", "example.com"])
def test_without_authentication_it_serves_this_machine_alone(run: Run, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("HOST", host)
    code, said = run("serve")
    assert code == 2
    assert "bind it to 127.0.0.1" in said


@pytest.mark.usefixtures("run")
def test_the_default_database_is_made_in_the_folder_of_the_service(tmp_path: Path) -> None:
    for _ in range(2):
        subprocess.run([*COMMAND, "migrate"], check=True, timeout=60)
    database = Database(f"sqlite:///{tmp_path}/var/batch.db")
    with database.reading() as connection:
        assert "jobs" in sa.inspect(connection).get_table_names()
    database.dispose()


def test_every_setting_has_a_default_for_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VAR_DIR", "DATABASE_URL", "HOST", "PORT", "BROKER_URL", "BROKER_QUEUE", "KEYRING", "KEYRING_FILE"):
        monkeypatch.delenv(name, raising=False)
    settings = read_settings()
    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8002, "sqlite:///var/batch.db")
    assert (settings.broker_url, settings.broker_queue) == (None, "batch")
    assert (settings.key_ring, str(settings.key_ring_file), settings.retry_window_s) == (None, "var/keyring", 86_400)


def test_an_empty_broker_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_URL", "")
    assert read_settings().broker_url is None


def test_settings_may_be_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_URL", "amqp://user:s3cret@127.0.0.1/")
    monkeypatch.setenv("KEYRING", "key:s3cret")
    assert read_settings().broker_url == "amqp://user:s3cret@127.0.0.1/"
    assert "s3cret" not in repr(read_settings())


@pytest.mark.parametrize("url", ["", "http://user:s3cret@127.0.0.1"])
@pytest.mark.usefixtures("run")
def test_celery_by_itself_is_told_what_is_wrong_in_one_line(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("BROKER_URL", url)
    command = [sys.executable, "-m", "celery", "-A", "batch_service.tasks", "worker"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("batch-service: ")
    assert len(done.stderr.splitlines()) == 1
