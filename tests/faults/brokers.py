"""Brokers that lose what they hold, say everything several times, or go away: wake-ups are hints, and nothing hangs on them."""

from random import Random

from tests.brokers import Broker
from tests.faults.bench import Bench
from tests.faults.fault import Fault

_BOTH = ("amqp", "redis")
_TIMES_EACH = 5
_MESSAGES = 8
_ITEMS = 20


def _broker(bench: Bench) -> Broker:
    return Broker(bench.broker["BROKER_URL"], bench.broker["BROKER_QUEUE"])


def empty(bench: Bench, random: Random) -> None:
    """Delete the queue with all that waits in it."""
    bench.wait_for_acceptance()
    _broker(bench).delete_queue()
    bench.wait_for_items(_ITEMS)


def repeat(bench: Bench, random: Random) -> None:
    """Have the workers woken several times for each chunk, all at once."""
    bench.wait_for_acceptance()
    _broker(bench).send(_TIMES_EACH * _MESSAGES)
    bench.wait_for_items(_ITEMS)


def kill(bench: Bench, random: Random) -> None:
    """Kill it, and let work go on without it before it comes back."""
    bench.wait_for_arrivals()
    bench.processes.kill("broker")
    bench.wait_for_items(_ITEMS)
    bench.processes.start("broker")
    bench.wait_for_items(_ITEMS)


FAULTS = (
    Fault(name="broker emptied", inflict=empty, brokers=_BOTH, times=5, workers=2),
    Fault(name="every message 5 times", inflict=repeat, brokers=_BOTH, times=5, workers=2),
    Fault(name="broker killed", inflict=kill, brokers=_BOTH, times=3, workers=2, has_own_broker=True),
)
