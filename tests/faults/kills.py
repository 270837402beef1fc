"""kill -9, at random instants: half of them soon after a start, half in the middle of the work."""

import threading
from random import Random

from tests.faults.bench import Bench
from tests.faults.fault import Fault

_LONGEST_WAIT_S = 0.6


def _wait(random: Random, longest_s: float) -> None:
    threading.Event().wait(random.uniform(0, longest_s))


def kill_worker(bench: Bench, random: Random) -> None:
    if random.random() < 0.8:
        bench.wait_for_arrivals()
    _wait(random, _LONGEST_WAIT_S)
    bench.kill("worker")
    bench.start("worker")


def kill_api(bench: Bench, random: Random) -> None:
    if random.random() < 0.8:
        bench.wait_for_acceptance()
    _wait(random, _LONGEST_WAIT_S)
    bench.kill("api")
    bench.start("api")


def kill_target(bench: Bench, random: Random) -> None:
    bench.wait_for_arrivals()
    _wait(random, _LONGEST_WAIT_S)
    bench.kill("target")
    bench.start("target")


FAULTS = (
    Fault(name="worker killed", inflict=kill_worker, kills=True),
    Fault(name="API killed", inflict=kill_api, kills=True),
    Fault(name="target killed", inflict=kill_target, kills=True),
)
