import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from local_stack.errors import StackError
from local_stack.var_dir import VarDir
from tests.local_stack.stand_ins import until


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    var_dir = VarDir(tmp_path / "new" / "var")
    var_dir.create()
    var_dir.ensure_key()
    key = var_dir.key_file.read_text()
    var_dir.key_file.chmod(0o644)
    var_dir.ensure_key()
    assert var_dir.key_file.read_text() == key
    assert key.startswith("key_")
    assert stat.S_IMODE(var_dir.key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(var_dir.path.stat().st_mode) == 0o700


def test_a_key_half_made_by_a_killed_run_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "api-key.new").write_text("key_")
    var_dir = VarDir(tmp_path)
    var_dir.ensure_key()
    assert len(var_dir.key_file.read_text().strip()) == 47


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match=r"VAR_DIR=.*file/var cannot be used: Not a directory"):
        VarDir(tmp_path / "file" / "var").create()


def test_a_folder_in_use_says_by_whom(tmp_path: Path) -> None:
    first, second = VarDir(tmp_path), VarDir(tmp_path)
    waits: list[int] = []
    first.lock(lambda: waits.append(1))
    with pytest.raises(StackError, match=f"in use by process {os.getpid()}: end that first, or set VAR_DIR"):
        second.lock(lambda: waits.append(2))
    assert waits == [2]
    assert (tmp_path / ".lock").read_text() == str(os.getpid())  # the loser has not taken the winner's name away
    first.unlock()


def test_a_folder_is_waited_for_while_its_last_user_stops(tmp_path: Path) -> None:
    first, second = VarDir(tmp_path), VarDir(tmp_path)
    first.lock(lambda: None)
    first.announce_stop()
    threading.Timer(2.5, first.unlock).start()  # longer than a living supervisor would be waited for
    second.lock(lambda: None)
    second.unlock()


def test_a_child_holds_the_folder_until_it_ends(tmp_path: Path) -> None:
    first, second = VarDir(tmp_path), VarDir(tmp_path)
    held = first.lock(lambda: None)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[held])
    first.announce_stop()
    first.unlock()
    waits: list[str] = []
    taking = threading.Thread(target=second.lock, args=(lambda: waits.append("waiting"),))
    taking.start()
    until(lambda: waits)
    assert taking.is_alive()
    child.communicate(b"\n", timeout=10)
    taking.join(timeout=10)
    assert not taking.is_alive()
    second.unlock()
