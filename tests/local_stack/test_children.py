import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_stack.children import Children
from local_stack.errors import StackError
from local_stack.var_dir import VarDir
from tests.local_stack.stand_ins import END, LAST_WORDS, STAY, command, is_running, until


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    held = os.open(tmp_path, os.O_RDONLY)
    children = Children(held=held, logs=tmp_path)
    yield children
    children.stop()
    children.cut()
    os.close(held)


def test_all_are_stopped_the_last_started_first(children: Children, tmp_path: Path) -> None:
    for name in ("first", "second"):
        children.start(command(name, LAST_WORDS, str(tmp_path / "order"), name))
        until((tmp_path / f"{name}.log").read_text)
    children.stop()
    assert (tmp_path / "order").read_text().split() == ["second", "first"]


def test_a_step_that_fails_is_named(children: Children) -> None:
    with pytest.raises(StackError, match=r"users migrate failed; .*users\.log says why"):
        children.run_once([command("users migrate", END), command("batch migrate", "pass")])


def test_steps_run_to_their_end(children: Children, tmp_path: Path) -> None:
    children.run_once([command("users migrate", "print(1)"), command("batch migrate", "print(2)")])
    assert ((tmp_path / "users.log").read_text(), (tmp_path / "batch.log").read_text()) == ("1\n", "2\n")


def test_a_child_that_ended_is_named(children: Children) -> None:
    children.start(command("users", STAY))
    children.require_alive()
    children["users"].kill()
    with pytest.raises(StackError, match="users ended with status -9"):
        children.require_alive()


def test_what_ended_by_itself_is_started_again(children: Children, capfd: pytest.CaptureFixture[str]) -> None:
    children.start(command("worker", STAY))
    children.start(command("users", STAY))
    killed, other = children["worker"].pid, children["users"].pid
    children["worker"].kill()

    def again() -> bool:
        children.tend()
        return children["worker"].is_alive

    until(again)
    assert children["worker"].pid != killed
    assert children["users"].pid == other
    assert "worker ended with status -9; starting it again" in capfd.readouterr().err


def test_what_never_stays_up_is_given_up(children: Children, capfd: pytest.CaptureFixture[str]) -> None:
    children.start(command("worker", END))
    started = time.monotonic()
    with pytest.raises(StackError, match=r"worker ended 5 times in a row soon after its start; .*worker\.log says why"):
        until(children.tend)
    assert time.monotonic() - started > 3  # the pauses grow
    assert capfd.readouterr().err.count("starting it again") == 4


def test_no_child_outlives_a_killed_supervisor_and_the_folder_is_free_then(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "tests.local_stack.supervise", str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        pids = [int(pid) for pid in supervisor.stdout.readline().split()]
        logs = [tmp_path / "logs" / f"{name}.log" for name in ("one", "two")]
        until(lambda: all(log.read_text() == "up\n" for log in logs))
        assert all(is_running(pid) for pid in pids)
        supervisor.kill()
        killed_at = time.monotonic()
    until(lambda: not any(is_running(pid) for pid in pids), limit_s=5)
    var_dir = VarDir(tmp_path)
    var_dir.lock(lambda: None)
    var_dir.unlock()
    assert time.monotonic() - killed_at < 5


def test_children_hold_the_folder_after_the_supervisor_let_go_of_it(tmp_path: Path) -> None:
    var_dir = VarDir(tmp_path)
    var_dir.create()
    children = Children(held=var_dir.lock(lambda: None), logs=var_dir.logs)
    children.start(command("worker", STAY))
    var_dir.announce_stop()
    var_dir.unlock()
    with (tmp_path / ".lock").open() as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        children.stop()
        children.cut()
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
