"""Many processes that keep house at once, and workers that die among them."""

from random import Random

from tests.faults.bench import Bench
from tests.faults.fault import SUCCEEDED, UNKNOWN, Fault
from tests.faults.oracle import Evidence

_OFTEN = {"SWEEP_EVERY_S": 0.03, "LEASE_S": 0.5}


def kill_one(bench: Bench, random: Random) -> None:
    bench.wait_for_arrivals()
    bench.restart(random.choice(bench.workers))
    bench.wait_for_items(30)


def let_expire(bench: Bench, random: Random) -> None:
    """Slow the target down until jobs run out of time."""
    bench.things.behave(pause_s=0.4)
    bench.wait_for_items(60)
    bench.things.behave()
    bench.wait_for_items(30)


def _some_expired(bench: Bench, evidence: Evidence) -> list[str]:
    reasons = {result.reason for results in evidence.results.values() for result in results}
    return [] if "expired" in reasons else ["no item expired"]


_EXPIRED = SUCCEEDED | {"expired"}
FAULTS = (
    Fault(name="many sweeps at once", inflict=kill_one, times=5, workers=3, apis=2, settings=_OFTEN),
    Fault(
        name="jobs expire under many sweeps",
        inflict=let_expire,
        times=2,
        workers=2,
        apis=2,
        settings={**_OFTEN, "JOB_TIMEOUT_S": 2},
        look=_some_expired,
        endings={"things": _EXPIRED | {UNKNOWN}, "plain": _EXPIRED | {UNKNOWN}},
    ),
)
