"""What only the worker knows, it writes to its log."""

import re
import time
from pathlib import Path

_CONNECTIONS = re.compile(r"connections_opened=([0-9]+)")
_LIMIT_S = 5.0
_POLL_S = 0.1


def connections_opened(log: Path, *, limit_s: float = _LIMIT_S) -> int | None:
    """Return how many connections the worker has opened to the target; None if its log does not say so in time."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found = _CONNECTIONS.findall(log.read_text("utf-8", errors="replace"))
        if found:
            return int(found[-1])
        time.sleep(_POLL_S)
    return None
