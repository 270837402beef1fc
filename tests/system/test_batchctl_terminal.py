"""`batchctl` on a terminal, before somebody who looks, and sometimes has enough."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch_client.commands.batchctl import Batchctl
from tests.batch_client.terminal import CTRL_C, CTRL_S
from tests.batch_service.gate import Gate
from tests.batch_service.processes import BatchService
from tests.batch_service.waiting import eventually
from tests.system.batchctl_runs import applied, command_line, on_terminal, rows

REGISTRY = '[entities.things]\nurl = "{url}"\nconcurrency = 2\n'
CURSOR_HIDDEN, CURSOR_SHOWN = "\x1b[?25l", "\x1b[?25h"


@pytest.fixture
def gate() -> Iterator[Gate]:
    with Gate() as gate:
        yield gate


@pytest.fixture
def service(tmp_path: Path, gate: Gate) -> Iterator[BatchService]:
    with BatchService(tmp_path, f"sqlite:///{tmp_path}/batch.db", REGISTRY.format(url=gate.target.url)) as service:
        yield service
        gate.open()  # a worker does not leave what it has sent


@pytest.fixture
def batchctl(service: BatchService, tmp_path: Path) -> Batchctl:
    batchctl = command_line(service, tmp_path)
    batchctl.write("things.csv", rows(300))
    return batchctl


def the_job(service: BatchService) -> str:
    (job,) = service.get("jobs")["jobs"]
    return str(job["jobId"])


def test_a_bar_shows_how_far_it_is_and_leaves_the_answer_alone(gate: Gate, batchctl: Batchctl) -> None:
    with on_terminal(batchctl, "import", "things", "things.csv") as terminal:
        terminal.until(r"Running .* 0/300")
        gate.open()
        assert terminal.end() == 0
    assert "Reading things.csv" in terminal.text
    assert "\u2501" in terminal.text
    # What stays: the bar was drawn, taken away, and then came the answer.
    last = terminal.raw.rpartition(CURSOR_SHOWN)[2]
    assert "succeeded. 300 of 300 succeeded." in last
    assert "\u2501" not in last
    assert terminal.raw.count(CURSOR_HIDDEN) == terminal.raw.count(CURSOR_SHOWN)


def test_ctrl_c_leaves_the_job_running_and_says_how_to_come_back(service: BatchService, gate: Gate, batchctl: Batchctl) -> None:
    with on_terminal(batchctl, "import", "things", "things.csv") as terminal:
        terminal.until(r"Running .* 0/300")
        terminal.press(CTRL_C)
        assert terminal.end() == 130
    job_id = the_job(service)
    assert f"Job {job_id} goes on. Come back: batchctl jobs watch {job_id}" in " ".join(terminal.text.split())
    assert f"batchctl jobs cancel {job_id}" in " ".join(terminal.text.split())
    assert terminal.raw.rstrip().endswith("batchctl: Interrupted.")
    assert terminal.raw.count(CURSOR_HIDDEN) == terminal.raw.count(CURSOR_SHOWN)
    assert service.get(f"jobs/{job_id}")["status"] in ("queued", "running")
    with on_terminal(batchctl, "jobs", "watch", job_id) as terminal:
        terminal.until(r"Running")
        gate.open()
        assert terminal.end() == 0
    assert set(applied(gate.target).values()) == {1}


def test_sigterm_is_no_less(service: BatchService, batchctl: Batchctl) -> None:
    with on_terminal(batchctl, "import", "things", "things.csv") as terminal:
        terminal.until(r"Running .* 0/300")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end() == 143
    assert "goes on" in terminal.text
    assert terminal.raw.count(CURSOR_HIDDEN) == terminal.raw.count(CURSOR_SHOWN)


def test_a_second_ctrl_c_ends_it_at_once(batchctl: Batchctl) -> None:
    """Also where the first cannot say what it has to, as the terminal takes nothing more."""
    with on_terminal(batchctl, "import", "things", "things.csv") as terminal:
        terminal.until(r"Running .* 0/300")
        terminal.press(CTRL_S)
        pid = terminal.process.pid
        os.kill(pid, signal.SIGINT)
        eventually(lambda: not _catches(pid, signal.SIGINT))
        assert terminal.process.poll() is None
        os.kill(pid, signal.SIGINT)
        assert terminal.process.wait(10) == -signal.SIGINT


def _catches(pid: int, number: signal.Signals) -> bool:
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    return bool(int(status["SigCgt"], 16) >> (number - 1) & 1)


def test_a_job_that_somebody_else_cancels_ends_as_such(service: BatchService, batchctl: Batchctl, gate: Gate) -> None:
    with on_terminal(batchctl, "import", "things", "things.csv") as terminal:
        terminal.until(r"Running .* 0/300")
        assert batchctl("jobs", "cancel", the_job(service)).code == 0
        gate.open()
        assert terminal.end() == 4
    assert ": cancelled." in terminal.text


def test_where_nobody_looks_nothing_is_drawn(gate: Gate, batchctl: Batchctl) -> None:
    gate.open()
    done = batchctl("import", "things", "things.csv")
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
