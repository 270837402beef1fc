"""The loop with one kept connection."""

from collections import Counter
from collections.abc import Sequence

import requests

from benchmarks.row import Body, Call, Pace, Row, Sent


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send one after the other."""
    with requests.Session() as session:
        session.trust_env = False
        return Sent(Counter(session.post(call.url, json=body, timeout=60).status_code for body in bodies))


ROW = Row(20, "session", "loop with requests.Session", send, Pace.ONE_BY_ONE, in_quick=False)
