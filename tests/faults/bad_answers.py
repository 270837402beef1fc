"""Targets that refuse, hang, drip, never stop, or break off."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.faults.bench import Bench
from tests.faults.fault import SUCCEEDED, Fault, Look
from tests.faults.ledger import Kind
from tests.faults.oracle import Evidence

_MISBEHAVED = 8
_SHARE = 0.25
_TOO_LARGE = frozenset({"target_response_too_large"})
_MOST_WORKER_KIB = 400_000


def _misbehave(behaviour: str) -> Callable[[Bench, Random], None]:
    def inflict(bench: Bench, random: Random) -> None:
        bench.things.behave({behaviour: _SHARE}, seed=random.randrange(1000))
        bench.wait_for_faults(_MISBEHAVED)
        bench.things.behave()
        bench.wait_for_items(10)

    return inflict


def _has_met_the_fault(bench: Bench, evidence: Evidence) -> list[str]:
    return [] if any(entry.kind is Kind.FAULT for entry in evidence.ledger) else ["no request met the fault"]


def _worker_stays_small(bench: Bench, evidence: Evidence) -> list[str]:
    return [*_has_met_the_fault(bench, evidence), *_large_workers(bench)]


def _large_workers(bench: Bench) -> Iterator[str]:
    for name in bench.workers:
        status = Path(f"/proc/{bench.processes.pid(name)}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        for peak_kib in (int(line.split()[1]) for line in lines if line.startswith("VmHWM:")):
            if peak_kib > _MOST_WORKER_KIB:
                yield f"{name} took {peak_kib} KiB"


def _fault(name: str, behaviour: str, *, both_end: frozenset[str] = frozenset(), look: Look = _has_met_the_fault) -> Fault:
    endings = dict.fromkeys(("things", "plain"), both_end) if both_end else {}
    return Fault(name=name, inflict=_misbehave(behaviour), endings=endings, look=look, times=2)


def _at_the_door(name: str, behaviour: str) -> Fault:
    return Fault(name=f"{name}, fast lane", inflict=_misbehave(behaviour), target="doors", look=_has_met_the_fault, times=2)


FAULTS = (
    _fault("target answers 429", "429", both_end=SUCCEEDED),
    _fault("target answers 429 with Retry-After", "429_retry_after", both_end=SUCCEEDED),
    _fault("target answers 503", "503", both_end=SUCCEEDED),
    _fault("target answers 503 with Retry-After", "503_retry_after", both_end=SUCCEEDED),
    _fault("target applies and hangs", "hang"),
    _fault("target drips", "drip"),
    _fault("target answers without end", "endless", both_end=SUCCEEDED | _TOO_LARGE, look=_worker_stays_small),
    _fault("target sends half a JSON", "half_json", both_end=SUCCEEDED),
    _fault("target applies and hangs up", "no_answer"),
    _fault("target resets before it applies", "reset_unapplied"),
    _fault("target breaks off its answer", "half_answer"),
    _at_the_door("target answers 503", "503"),
    _at_the_door("target applies and hangs", "hang"),
    _at_the_door("target applies and hangs up", "no_answer"),
    _at_the_door("target breaks off its answer", "half_answer"),
    _at_the_door("target sends half a JSON", "half_json"),
)
