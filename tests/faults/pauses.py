"""A worker that stands still for longer than its lease, and then goes on as if nothing had happened."""

import os
import signal
import threading
from random import Random

from tests.faults.bench import Bench
from tests.faults.fault import Fault

_LEASE_S = 1.0


def stop_and_continue(bench: Bench, random: Random) -> None:
    bench.wait_for_arrivals()
    threading.Event().wait(random.uniform(0, 0.3))
    pid = bench.pid(random.choice(bench.workers))
    os.kill(pid, signal.SIGSTOP)
    try:
        threading.Event().wait(_LEASE_S * random.uniform(2, 3))
        bench.wait_for_items(10, within_s=3)  # by the other worker, unless this one sleeps on SQLite's lock
    finally:
        os.kill(pid, signal.SIGCONT)
    bench.wait_for_items(30)


FAULTS = (
    Fault(
        name="worker stopped past its lease",
        inflict=stop_and_continue,
        times=6,
        workers=2,
        settings={"LEASE_S": _LEASE_S, "CHUNK_ITEMS": 30},
    ),
)
