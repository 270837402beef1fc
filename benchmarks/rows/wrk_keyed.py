"""`wrk` with the request that the batch service sends: with an `Idempotency-Key`, whose answer the users service keeps."""

from collections.abc import Sequence

from benchmarks.row import Body, Call, Row, Sent
from benchmarks.rows import wrk


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send for some seconds."""
    return wrk.run(call, bodies, each=wrk.KEYED)


ROW = Row(
    91,
    "wrk_keyed",
    "wrk with an Idempotency-Key",
    send,
    targets=frozenset({"users", "far"}),
    missing=wrk.missing,
    in_quick=False,
)
