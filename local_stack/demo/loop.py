"""What most people write first: a call for each user, and a connection for each call."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import requests

_TIMEOUT_S = 60.0
_NO_PROXY = {"http": "", "https": ""}


def users_per_second(collection: str, bodies: Sequence[Mapping[str, Any]], headers: Mapping[str, str]) -> float:
    """Create users one by one; return how many a second. The bodies are those of users that can be created."""
    started = time.monotonic()
    for body in bodies:
        answer = requests.post(collection, json=body, headers=headers, timeout=_TIMEOUT_S, proxies=_NO_PROXY)
        answer.raise_for_status()
    return len(bodies) / (time.monotonic() - started)
