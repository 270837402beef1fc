"""One job: sent, waited for, and all its results read."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from batch_client import BatchClient
from benchmarks.row import Body, Call, Pace, Row, Sent


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send all in one job; `stored_s` is from before the first byte to the moment the last result was stored."""
    with BatchClient(call.batch_url) as client:
        began = time.time()
        job = client.submit_job(call.entity, [{"method": "POST", "body": body} for body in bodies])
        accepted_s = time.time() - began
        status = job.wait(timeout_s=1800)
        assert status.finished_at is not None
        stored_s = datetime.fromisoformat(status.finished_at).timestamp() - began
        reading = time.time()
        codes = Counter(int(result["responseCode"] or 0) for result in job.results())
        read_s = time.time() - reading
    return Sent(codes, also={"accepted_s": accepted_s, "stored_s": stored_s, "read_s": read_s})


ROW = Row(
    120, "job", "a job, its results read", send, Pace.BULK, frozenset({"users", "plain", "nginx", "far"}), uses_batch=True
)
