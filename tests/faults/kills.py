"""kill -9, at random instants: some soon after a start, most in the middle of the work."""

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path
from random import Random

from tests.faults.bench import Bench
from tests.faults.fault import Fault
from tests.faults.submitter import until

_LONGEST_WAIT_S = 0.6
_IN_THE_WORK = 0.8
_ANSWERING_ALONE = 0.4
_PORT_FREE_WITHIN_S = 60.0


def _wait(random: Random) -> None:
    threading.Event().wait(random.uniform(0, _LONGEST_WAIT_S))


def kill_worker(bench: Bench, random: Random) -> None:
    if random.random() < _IN_THE_WORK:
        bench.wait_for_arrivals()
    _wait(random)
    bench.restart("worker")


def kill_api(bench: Bench, random: Random) -> None:
    """Kill all of gunicorn, or alone the process that answers, which gunicorn's arbiter starts again."""
    if random.random() < _IN_THE_WORK:
        bench.wait_for_acceptance()
    _wait(random)
    answering = _children(bench.processes.pid("api")) if random.random() < _ANSWERING_ALONE else []
    for pid in answering:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if not answering:  # or it has not come that far, or this system does not say
        bench.restart("api")


def kill_arbiter(bench: Bench, random: Random) -> None:
    """Kill gunicorn's arbiter alone: what answers still holds the port for a while, and `serve` is started until it has it."""
    bench.wait_for_acceptance()
    bench.processes.kill_first("api")
    bench.processes.start("api")
    until(lambda: _has_started(bench), within_s=_PORT_FREE_WITHIN_S)
    bench.wait_for_acceptance()


def _has_started(bench: Bench) -> bool:
    if "api" in bench.processes.ended_by_themselves():
        bench.processes.start("api")
    return "Booting worker" in bench.processes.log("api").rpartition("Starting gunicorn")[2]


def kill_target(bench: Bench, random: Random) -> None:
    bench.wait_for_arrivals()
    _wait(random)
    bench.restart("target")


def kill_any(bench: Bench, random: Random) -> None:
    random.choice([kill_worker, kill_api, kill_target])(bench, random)


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


FAULTS = (
    Fault(name="worker killed", inflict=kill_worker, kills=True),
    Fault(name="API killed", inflict=kill_api, kills=True),
    Fault(name="API's arbiter killed alone", inflict=kill_arbiter, times=1),
    Fault(name="target killed", inflict=kill_target, kills=True),
    Fault(name="worker killed, jobs cancelled and retried", inflict=kill_worker, kills=True, has_second_thoughts=True),
    Fault(name="API killed, jobs cancelled and retried", inflict=kill_api, kills=True, has_second_thoughts=True),
    Fault(name="worker killed, fast lane", inflict=kill_worker, kills=True, target="doors"),
    Fault(name="target killed, fast lane", inflict=kill_target, kills=True, target="doors"),
    Fault(name="any of them killed, users service", inflict=kill_any, kills=True, target="users"),
)
