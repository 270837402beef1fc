import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from batch_service.adapters.pipe_wake_up import PipeWakeUp


def waits_s(wake_up: PipeWakeUp, timeout_s: float) -> float:
    before = time.monotonic()
    wake_up.wait(timeout_s)
    return time.monotonic() - before


def test_a_ring_wakes_whoever_waits(tmp_path: Path) -> None:
    waiting, ringing = PipeWakeUp(tmp_path / "var" / "pipe"), PipeWakeUp(tmp_path / "var" / "pipe")
    waiting.wait(0.0)
    threading.Timer(0.05, ringing.ring).start()
    assert waits_s(waiting, 10.0) < 5.0


def test_a_ring_is_kept_for_whoever_waits_next_and_counts_once(tmp_path: Path) -> None:
    wake_up = PipeWakeUp(tmp_path / "pipe")
    wake_up.wait(0.0)
    for _ in range(3):
        wake_up.ring()
    assert waits_s(wake_up, 10.0) < 5.0
    assert waits_s(wake_up, 0.05) >= 0.05


def test_waiting_has_an_end(tmp_path: Path) -> None:
    assert 0.05 <= waits_s(PipeWakeUp(tmp_path / "pipe"), 0.05) < 5.0


def test_a_ring_that_nobody_hears_is_no_fault(tmp_path: Path) -> None:
    wake_up = PipeWakeUp(tmp_path / "pipe")
    wake_up.ring()
    os.mkfifo(tmp_path / "pipe")
    wake_up.ring()


def test_a_pipe_full_of_rings_does_not_block(tmp_path: Path) -> None:
    wake_up = PipeWakeUp(tmp_path / "pipe")
    wake_up.wait(0.0)
    for _ in range(70_000):
        wake_up.ring()
    assert waits_s(wake_up, 10.0) < 5.0


def test_a_ring_never_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The job is stored by then: whoever sent it must not be told otherwise."""
    (tmp_path / "file").touch()
    PipeWakeUp(tmp_path / "file" / "pipe").ring()
    assert "cannot be woken" in caplog.text


def test_workers_of_one_machine_share_the_rings(tmp_path: Path) -> None:
    def work(of: PipeWakeUp) -> None:
        for _ in range(1_500):
            of.wait(0.01)

    ringing = PipeWakeUp(tmp_path / "pipe")
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(work, PipeWakeUp(tmp_path / "pipe")) for _ in range(4)]
        while not all(worker.done() for worker in waiting):
            ringing.ring()
    assert [worker.result() for worker in waiting] == [None] * 4


def test_a_pipe_that_was_left_by_another_process_is_used(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    wake_up = PipeWakeUp(tmp_path / "pipe")
    wake_up.wait(0.0)
    wake_up.ring()
    assert waits_s(wake_up, 10.0) < 5.0
