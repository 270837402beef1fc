"""A job of 1,000,000 items, streamed in, after one of a hundredth of that: what grows, and what must not."""

import time
from collections.abc import Sequence
from datetime import datetime

from batch_client import BatchClient
from benchmarks.row import Body, Call, Pace, Row, Sent

_SMALLER = 100
_LIMIT_S = 3000.0


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send the small job, then the large one; each rate is to the moment the last result was stored."""
    small = call.items // _SMALLER
    small_rates = sorted(small / _stored_s(call, small) for _ in range(3))
    took_s = _stored_s(call, call.items)
    return Sent({201: call.items}, took_s, {"small_rate": small_rates[1], "large_rate": call.items / took_s})


def _stored_s(call: Call, items: int) -> float:
    began = time.time()
    with BatchClient(call.batch_url, timeout_s=600) as client:
        job = client.submit_stream(call.entity, ({"body": {"n": number}} for number in range(items)))
        status = job.wait(timeout_s=_LIMIT_S)
    assert status.counts["succeeded"] == items, status.counts
    assert status.finished_at is not None
    return datetime.fromisoformat(status.finished_at).timestamp() - began


ROW = Row(210, "million", "a job of 1,000,000", send, Pace.LONG, frozenset({"nginx"}), uses_batch=True, reads_bodies=False)
