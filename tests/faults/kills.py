"""kill -9, at random instants: some soon after a start, most in the middle of the work."""

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path
from random import Random

from tests.faults.bench import Bench
from tests.faults.fault import Fault

_LONGEST_WAIT_S = 0.6
_IN_THE_WORK = 0.8


def _wait(random: Random) -> None:
    threading.Event().wait(random.uniform(0, _LONGEST_WAIT_S))


def kill_worker(bench: Bench, random: Random) -> None:
    if random.random() < _IN_THE_WORK:
        bench.wait_for_arrivals()
    _wait(random)
    bench.kill("worker")
    bench.start("worker")


def kill_api(bench: Bench, random: Random) -> None:
    """Kill all of gunicorn, or the process alone that answers, which gunicorn starts again."""
    if random.random() < _IN_THE_WORK:
        bench.wait_for_acceptance()
    _wait(random)
    answering = _children(bench.pid("api"))
    if answering and random.random() < 0.4:
        for pid in answering:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return
    bench.kill("api")
    bench.start("api")


def kill_target(bench: Bench, random: Random) -> None:
    bench.wait_for_arrivals()
    _wait(random)
    bench.kill("target")
    bench.start("target")


def kill_any(bench: Bench, random: Random) -> None:
    random.choice([kill_worker, kill_api, kill_target])(bench, random)


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


FAULTS = (
    Fault(name="worker killed", inflict=kill_worker, kills=True),
    Fault(name="API killed", inflict=kill_api, kills=True),
    Fault(name="target killed", inflict=kill_target, kills=True),
    Fault(name="any of them killed, users service", inflict=kill_any, kills=True, target="users"),
)
