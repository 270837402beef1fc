"""`batch-service keyring`, and what a start says of a ring that is not the right one."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_service import bootstrap, cli
from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.key_ring import FileKeyRing
from batch_service.adapters.master_key import MasterKey
from batch_service.adapters.vault import Vault
from batch_service.settings import read_settings
from servicekit.database import Database
from tests.batch_service.making import add_job, make_job
from tests.batch_service.processes import free_port

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def var_dir(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def run(tmp_path: Path, var_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in the environment of the test; return its exit code, its output and what it complained of."""
    (tmp_path / "entities.toml").write_text('[entities.things]\nurl = "http://127.0.0.1:9/v1/things"\n')
    monkeypatch.setenv("VAR_DIR", str(var_dir))
    monkeypatch.setenv("ENTITIES_FILE", str(tmp_path / "entities.toml"))
    monkeypatch.setenv("PORT", str(free_port()))
    for name in ("DATABASE_URL", "KEYRING", "KEYRING_FILE", "BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(bootstrap, "LOOK_AT_RING_EVERY_S", 0.0)

    def _run(*command: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["batch-service", *command])
        bootstrap.make_vault.cache_clear()  # a process of its own
        database = bootstrap.make_database(read_settings())
        with monkeypatch.context() as patch:
            patch.setattr(bootstrap, "make_database", lambda _: database)
            with pytest.raises(SystemExit) as ended:
                cli.main()
        database.dispose()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return _run


@pytest.fixture
def migrated(run: Run) -> None:
    assert run("migrate") == (0, "", "")


def seal_something(var_dir: Path) -> None:
    database = Database(f"sqlite:///{var_dir}/batch.db")
    add_job(SqlJobStore(database, Vault(FileKeyRing(var_dir / "keyring"))), make_job(), chunk_items=1)
    database.dispose()


def test_a_migration_makes_a_ring_beside_the_database(run: Run, var_dir: Path) -> None:
    assert run("migrate")[0] == 0
    assert stat.S_IMODE((var_dir / "keyring").stat().st_mode) == 0o600
    before = (var_dir / "keyring").read_text()
    assert run("migrate")[0] == 0
    assert (var_dir / "keyring").read_text() == before


@pytest.mark.usefixtures("migrated")
def test_the_keys_are_listed_and_not_shown(run: Run, var_dir: Path) -> None:
    seal_something(var_dir)
    (key,) = FileKeyRing(var_dir / "keyring").keys()
    assert run("keyring", "list") == (0, f"{key.id}  1 jobs  seals\n", "")


@pytest.mark.usefixtures("migrated")
def test_they_are_rotated_and_retired(run: Run, var_dir: Path) -> None:
    seal_something(var_dir)
    (old,) = FileKeyRing(var_dir / "keyring").ids()
    code, said, _ = run("keyring", "rotate")
    old_and_new = FileKeyRing(var_dir / "keyring").ids()
    assert (code, said) == (0, f"sealed under {old_and_new[1]}: 1 jobs\n")
    assert run("keyring", "list")[1] == f"{old}  0 jobs\n{old_and_new[1]}  1 jobs  seals\n"
    code, said, _ = run("keyring", "rotate", "--no-add", "--retire")
    assert (code, said) == (0, f"sealed under {old_and_new[1]}: 0 jobs\nretired {old}\n")
    assert FileKeyRing(var_dir / "keyring").ids() == old_and_new[1:]


def test_init_makes_a_ring_once(run: Run, var_dir: Path) -> None:
    var_dir.mkdir()
    assert run("keyring", "init") == (0, f"made {var_dir}/keyring\n", "")
    assert run("keyring", "init") == (0, f"kept {var_dir}/keyring\n", "")


def test_a_new_key_can_be_had_for_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    code, key, _ = run("keyring", "new")
    assert code == 0
    monkeypatch.setenv("KEYRING", key)
    assert run("migrate")[0] == 0
    assert run("keyring", "list")[1] == f"{MasterKey.parse(key.strip()).id}  0 jobs  seals\n"
    code, _, complaint = run("keyring", "rotate")
    assert (code, "keyring rotate --no-add" in complaint) == (2, True)
    newer = MasterKey.new()
    monkeypatch.setenv("KEYRING", f"{key} {newer.render()}")
    assert run("keyring", "rotate", "--no-add", "--retire")[1] == (
        f"sealed under {newer.id}: 0 jobs\nretired {MasterKey.parse(key.strip()).id}\n"
    )


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.usefixtures("migrated")
class TestStart:
    def test_without_a_ring_is_refused(self, run: Run, var_dir: Path, command: str) -> None:
        (var_dir / "keyring").unlink()
        assert run(command)[::2] == (
            2,
            f"batch-service: There is no key ring at {var_dir}/keyring (KEYRING_FILE). `batch-service migrate` makes one for a "
            "new database; bring the one that this database is sealed under otherwise.\n",
        )

    def test_with_one_that_others_can_read_is_refused(self, run: Run, var_dir: Path, command: str) -> None:
        (var_dir / "keyring").chmod(0o644)
        code, _, complaint = run(command)
        assert (code, complaint) == (
            2,
            f"batch-service: Others than its owner may read or change the key ring {var_dir}/keyring: chmod 600 it.\n",
        )

    def test_with_another_is_refused(self, run: Run, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KEYRING", MasterKey.new().render())
        code, _, complaint = run(command)
        assert (code, complaint.startswith("batch-service: The key ring lacks the key ")) == (2, True)

    def test_with_another_of_the_same_name_is_refused(
        self, run: Run, var_dir: Path, command: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (name,) = FileKeyRing(var_dir / "keyring").ids()
        monkeypatch.setenv("KEYRING", f"{name}:{MasterKey.new().render().partition(':')[2]}")
        code, _, complaint = run(command)
        assert (code, "not the one of that name under which this database is sealed" in complaint) == (2, True)


@pytest.mark.usefixtures("migrated")
def test_a_lost_ring_is_not_replaced_by_a_new_one(run: Run, var_dir: Path) -> None:
    (var_dir / "keyring").unlink()
    for command in (["migrate"], ["keyring", "init"]):
        code, _, complaint = run(*command)
        assert (code, "There is no key ring" in complaint) == (2, True)
    assert not (var_dir / "keyring").exists()
