"""A job of 1,000,000 items, after one of a hundredth of that: what grows, and what must not."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import requests

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
    file = Path(call.folder) / "items.json"
    # Items as short as they can be: a million of them are within MAX_BODY_BYTES.
    file.write_text("[" + ",".join(f'{{"method":"POST","body":{{"n":{number}}}}}' for number in range(items)) + "]")
    headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
    began = time.time()
    with file.open("rb") as data:
        answer = requests.post(f"{call.batch_url}/v1/batch/{call.entity}", data=data, headers=headers, timeout=600)
    answer.raise_for_status()
    with BatchClient(call.batch_url) as client:
        status = client.job(answer.json()["jobId"]).wait(timeout_s=_LIMIT_S)
    assert status.counts["succeeded"] == items, status.counts
    assert status.finished_at is not None
    return datetime.fromisoformat(status.finished_at).timestamp() - began


ROW = Row(210, "million", "a job of 1,000,000", send, Pace.LONG, frozenset({"nginx"}), uses_batch=True, reads_bodies=False)
