"""Connections between the worker and the target that break at each stage of a request."""

import threading
from collections.abc import Callable
from random import Random

from tests.faults.bench import Bench
from tests.faults.fault import SUCCEEDED, UNKNOWN, Fault
from tests.faults.oracle import Evidence
from tests.faults.ways import Mode, Way

_CUTS = 8
_SHARE = 0.25


def _cut(way: Way) -> Callable[[Bench, Random], None]:
    def inflict(bench: Bench, random: Random) -> None:
        bench.the_proxy.mode = Mode(way=way, share=_SHARE, bytes=random.randrange(1, 80), delay_s=0.5)
        bench.wait_for_faults(_CUTS)
        bench.the_proxy.mode = Mode()
        bench.wait_for_items(10)

    return inflict


def refuse(bench: Bench, random: Random) -> None:
    bench.the_proxy.down()
    threading.Event().wait(random.uniform(0.2, 1.5))
    bench.the_proxy.up()
    bench.wait_for_items(10)


def _each_cut_is_unknown(bench: Bench, evidence: Evidence) -> list[str]:
    """A write that cannot be repeated is unknown for each connection that broke under it; and maybe for the one behind it.

    libcurl may have begun the next request on a connection before it saw that the last answer broke off within its head.
    """
    cut, unknown = _cut_and_unknown(bench, evidence)
    return (
        []
        if 0 < cut <= unknown <= 2 * cut
        else [f"{cut} connections broke under writes that are sent once, {unknown} are unknown"]
    )


def _cut_and_unknown(bench: Bench, evidence: Evidence) -> tuple[int, int]:
    plain = [evidence.results[batch.job_ids[0]] for batch in evidence.batches if batch.entity == "plain"]
    unknown = sum(result.reason == UNKNOWN for results in plain for result in results)
    return sum(hit.startswith(b"POST /v1/plain") for hit in bench.the_proxy.hits), unknown


def _fault(name: str, way: Way) -> Fault:
    return Fault(name=name, inflict=_cut(way), proxied="target", look=_each_cut_is_unknown)


FAULTS = (
    _fault("connection cut before the request", Way.CUT_BEFORE),
    _fault("connection cut after the effect", Way.CUT_AFTER),
    _fault("connection cut in mid-answer", Way.CUT_ANSWER),
    _fault("request swallowed", Way.BLACK_HOLE),
    _fault("answer byte by byte", Way.DRIP),
    Fault(
        name="connection cut after the effect, jobs cancelled and retried",
        inflict=_cut(Way.CUT_AFTER),
        proxied="target",
        has_second_thoughts=True,
    ),
    Fault(name="answers late", inflict=_cut(Way.LATE), proxied="target", endings={"plain": SUCCEEDED}),
    Fault(name="connections refused", inflict=refuse, proxied="target"),
)
