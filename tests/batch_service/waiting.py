import time
from collections.abc import Callable


def eventually(holds: Callable[[], object], *, within_s: float = 10.0) -> None:
    """Poll until something holds; fail if it never does."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {within_s} s"
        time.sleep(0.005)
