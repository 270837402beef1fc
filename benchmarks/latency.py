"""What a batch of one costs on top of the direct call, both to the same users service in one run.

`python benchmarks/latency.py [calls]` starts a stack of its own and reads one user in turns: directly, and through the batch
service. The difference of the medians is the hand-over: parse, store, wake the worker, send, record, answer.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests

from local_stack.supervisor import Stack

_BATCH = [{"method": "GET", "query": {"limit": 1}}]


def timed_ms(call: Callable[[], requests.Response]) -> float:
    """Time one call, which must succeed, in milliseconds."""
    before = time.perf_counter()
    response = call()
    response.raise_for_status()
    return (time.perf_counter() - before) * 1000


def main(calls: int) -> None:
    """Print the median and the 99th percentile of both, and what the batch adds."""
    with tempfile.TemporaryDirectory() as folder, Stack(var_dir=Path(folder)) as stack, requests.Session() as session:
        stack.wait_ready()
        direct: list[float] = []
        batch: list[float] = []
        for _ in range(calls):
            direct.append(timed_ms(lambda: session.get(f"{stack.users_url}/v1/users", params={"limit": 1})))
            batch.append(timed_ms(lambda: session.post(f"{stack.batch_url}/batch/users", json=_BATCH)))
    for name, times in (("direct", direct), ("batch of one", batch)):
        p99 = statistics.quantiles(times, n=100)[98]
        print(f"{name:>12}: median {statistics.median(times):.1f} ms, p99 {p99:.1f} ms")
    one, other = statistics.median(direct), statistics.median(batch)
    print(f"{'added':>12}: {other - one:.1f} ms in the median, {other / one:.1f} times the call")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
