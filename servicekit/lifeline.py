"""A child ends when whoever started it is gone, even if that was killed.

The starter keeps the writing end of a pipe and hands down the reading end as `LIFELINE_FD`. The kernel closes the writing end
when the starter dies, however it dies, and the child sees the end of the file. Works on Linux and macOS alike.
"""

import os
import threading
from collections.abc import Callable

VARIABLE = "LIFELINE_FD"


def watch(on_cut: Callable[[], None]) -> None:
    """Call `on_cut` once, from a thread, when the starter is gone; do nothing where there is no lifeline."""
    fd = os.environ.get(VARIABLE)
    if fd is not None:
        follow(int(fd), on_cut)


def follow(fd: int, on_cut: Callable[[], None]) -> None:
    """Call `on_cut` once, from a thread, when nobody holds the writing end of this pipe any more."""
    threading.Thread(target=_wait, args=(fd, on_cut), name="lifeline", daemon=True).start()


def _wait(fd: int, on_cut: Callable[[], None]) -> None:
    while os.read(fd, 1):
        pass
    on_cut()
