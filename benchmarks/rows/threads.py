"""Threads that each have a session."""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks.row import Body, Call, Row, Sent


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send from as many threads as there are connections."""
    own = threading.local()

    def prepare() -> None:
        own.session = requests.Session()
        own.session.trust_env = False

    def post(body: Body) -> int:
        status: int = own.session.post(call.url, json=body, timeout=60).status_code
        return status

    with ThreadPoolExecutor(call.connections, initializer=prepare) as pool:
        return Sent(Counter(pool.map(post, bodies)))


ROW = Row(30, "threads", "16 threads with sessions", send, in_quick=False)
