import os
import signal
import time
from pathlib import Path

from local_stack.process import Process
from tests.local_stack.stand_ins import END, SPAWN, STAY, STUBBORN, command, is_running, until


def process(code: str, log: Path) -> Process:
    return Process(command("stand-in", code), inherited=(), log=log)


def test_it_stops_when_asked(tmp_path: Path) -> None:
    child = process(STAY, tmp_path / "log")
    assert not child.is_alive
    child.start()
    assert child.is_alive
    child.stop(limit_s=10)
    assert not child.is_alive
    assert child.exit_status == -signal.SIGTERM


def test_it_is_killed_when_it_does_not_stop_in_time(tmp_path: Path) -> None:
    child = process(STUBBORN, tmp_path / "log")
    child.start()
    until(lambda: (tmp_path / "log").read_text() == "deaf\n")
    started = time.monotonic()
    child.stop(limit_s=0.3)
    assert 0.3 <= time.monotonic() - started < 5
    assert child.exit_status == -signal.SIGKILL


def test_what_it_started_is_killed_with_it(tmp_path: Path) -> None:
    child = process(f"{SPAWN}; {STAY}", tmp_path / "log")
    child.start()
    until(lambda: (tmp_path / "log").read_text().endswith("\n"))
    grandchild = int((tmp_path / "log").read_text())
    child.kill()
    until(lambda: not is_running(grandchild))


def test_what_it_left_behind_is_killed_when_it_ended_by_itself(tmp_path: Path) -> None:
    child = process(SPAWN, tmp_path / "log")
    child.start()
    assert child.wait(10) == 0
    grandchild = int((tmp_path / "log").read_text())
    assert is_running(grandchild)
    child.kill()
    until(lambda: not is_running(grandchild))


def test_it_can_be_started_again_and_its_log_goes_on(tmp_path: Path) -> None:
    child = process("print('here')", tmp_path / "log")
    for _ in range(2):
        child.start()
        assert child.wait(10) == 0
    assert (tmp_path / "log").read_text() == "here\nhere\n"


def test_its_status_can_be_read(tmp_path: Path) -> None:
    child = process(END, tmp_path / "log")
    assert child.wait(1) is None
    child.start()
    assert child.wait(10) == 3
    assert child.exit_status == 3
    child.stop(limit_s=1)


def test_it_has_a_session_of_its_own(tmp_path: Path) -> None:
    child = process(STAY, tmp_path / "log")
    child.start()
    assert child.pid is not None
    assert os.getsid(child.pid) == child.pid != os.getsid(0)
    child.kill()
