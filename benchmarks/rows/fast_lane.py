"""One job whose entity has a fast lane: the target's own batch door takes many items in one request."""

from collections.abc import Sequence

import requests

from benchmarks.row import Body, Call, Pace, Row, Sent
from benchmarks.rows import job

FAST = "-fast"
_WORDS = ("fastLane",)


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send all in one job."""
    return job.send(call, bodies)


def missing(call: Call) -> str | None:
    """Say that the batch service knows no fast lane."""
    answer = requests.get(f"{call.batch_url}/v1/batch/entities", timeout=10)
    answer.raise_for_status()
    for entity in answer.json()["entities"]:
        if entity["name"] == call.entity and any(entity.get(word) for word in _WORDS):
            return None
    return f"GET /batch/entities names no fast lane of {call.entity}"


ROW = Row(
    130,
    "fast_lane",
    "a job on the fast lane",
    send,
    Pace.BULK,
    frozenset({"users", "plain", "far"}),
    uses_batch=True,
    lane=FAST,
    missing=missing,
)
