"""What a batch of one takes longer than the call itself: one caller, then four at once."""

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks.row import Body, Call, Pace, Row, Sent

_CALLERS = 4


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Create users in turns: directly, and in a batch of one."""
    half = len(bodies) // 2
    direct_ms, batch_ms = _in_turns(call, bodies[:half])
    parts = [bodies[half + number :: _CALLERS] for number in range(_CALLERS)]
    with ThreadPoolExecutor(_CALLERS) as pool:
        callers = list(pool.map(lambda part: _in_turns(call, part), parts))
    direct_4_ms = [ms for times, _ in callers for ms in times]
    batch_4_ms = [ms for _, times in callers for ms in times]
    return Sent(
        {201: len(direct_ms) + len(batch_ms) + len(direct_4_ms) + len(batch_4_ms)},
        also={
            "direct_median_ms": statistics.median(direct_ms),
            "batch_median_ms": statistics.median(batch_ms),
            "added_median_ms": statistics.median(batch_ms) - statistics.median(direct_ms),
            "direct_p99_of_four_ms": _p99(direct_4_ms),
            "batch_p99_of_four_ms": _p99(batch_4_ms),
            "added_p99_of_four_ms": _p99(batch_4_ms) - _p99(direct_4_ms),
        },
    )


def _in_turns(call: Call, bodies: Sequence[Body]) -> tuple[list[float], list[float]]:
    ways: tuple[list[float], list[float]] = ([], [])
    with requests.Session() as session:
        session.trust_env = False
        for number, body in enumerate(bodies):
            way = _direct if number % 2 else _batch
            began = time.perf_counter()
            status = way(session, call, body)
            ways[number % 2 == 0].append((time.perf_counter() - began) * 1000)
            assert status == 201, status
    return ways


def _direct(session: requests.Session, call: Call, body: Body) -> int:
    return session.post(call.url, json=body, timeout=60).status_code


def _batch(session: requests.Session, call: Call, body: Body) -> int:
    url = f"{call.batch_url}/v1/batch/{call.entity}"
    return int(session.post(url, json=[{"method": "POST", "body": body}], timeout=60).json()[0]["responseCode"])


def _p99(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]


ROW = Row(200, "latency", "a batch of one and a call, in turns", send, Pace.PROBE, frozenset({"users"}), uses_batch=True)
