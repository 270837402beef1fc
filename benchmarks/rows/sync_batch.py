"""Batches of 1,000 whose sender waits."""

from collections import Counter
from collections.abc import Sequence

from batch_client import BatchClient, Item
from benchmarks.row import Body, Call, Pace, Row, Sent

_MOST = 1000


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send batch after batch."""
    codes: Counter[int] = Counter()
    with BatchClient(call.batch_url) as client:
        for start in range(0, len(bodies), _MOST):
            batch: list[Item] = [{"method": "POST", "body": body} for body in bodies[start : start + _MOST]]
            results = client.submit(call.entity, batch)
            assert isinstance(results, list), "the batch became a job: its time was over"
            codes.update(int(result["responseCode"] or 0) for result in results)
    return Sent(codes)


ROW = Row(110, "sync_batch", "batches of 1,000, waited for", send, Pace.BULK, uses_batch=True, in_quick=False)
