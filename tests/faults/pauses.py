"""A worker that stands still for longer than its lease, and then goes on as if nothing had happened."""

import os
import signal
import threading
from random import Random

from tests.faults.bench import Bench
from tests.faults.fault import Fault
from tests.faults.oracle import Evidence
from tests.faults.submitter import until

_LEASE_S = 1.0
_SLOW_S = 0.15
_BUSY_WITHIN_S = 10.0


def stop_and_continue(bench: Bench, random: Random) -> None:
    bench.things.behave(pause_s=_SLOW_S)  # so that it stops in the middle of a chunk
    bench.wait_for_arrivals()
    until(bench.busy_workers, within_s=_BUSY_WITHIN_S, every_s=random.uniform(0.01, 0.2))
    pid = bench.processes.pid(random.choice(bench.busy_workers() or bench.workers))
    os.kill(pid, signal.SIGSTOP)
    try:
        threading.Event().wait(_LEASE_S * random.uniform(2, 4))
    finally:
        os.kill(pid, signal.SIGCONT)
    bench.things.behave()
    bench.wait_for_items(30)


def _has_lost_a_lease(bench: Bench, evidence: Evidence) -> list[str]:
    logs = "".join(bench.processes.log(name) for name in bench.workers)
    return [] if "lease lost" in logs else ["no worker was told that its lease was lost"]


FAULTS = (
    Fault(
        name="worker stopped past its lease",
        inflict=stop_and_continue,
        times=6,
        workers=2,
        settings={"LEASE_S": _LEASE_S, "CHUNK_ITEMS": 30},
        look=_has_lost_a_lease,
    ),
)
