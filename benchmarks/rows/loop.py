"""The naive loop: what most people write first, a call for each user and a connection for each call."""

from collections import Counter
from collections.abc import Sequence

import requests

from benchmarks.row import Body, Call, Pace, Row, Sent

_NO_PROXY = {"http": "", "https": ""}


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send one after the other."""
    return Sent(Counter(requests.post(call.url, json=body, timeout=60, proxies=_NO_PROXY).status_code for body in bodies))


ROW = Row(10, "loop", "loop of requests.post", send, Pace.ONE_BY_ONE, targets=frozenset({"users", "plain", "nginx", "far"}))
