"""How a command is asked to end: Ctrl-C, SIGTERM, a closed terminal, or the end of the process that called it."""

import os
import signal
import threading
import time
from types import FrameType

_POLL_S = 0.2


class StopRequestedError(BaseException):
    """Somebody asked the command to end; no error handler on the way may take it for an error of its own."""


def listen(follow_pid: int | None = None) -> None:
    """Raise StopRequestedError in the main thread at the first request, and never again: the way out is not disturbed.

    `follow_pid` names the parent whose end is a request too: `make` may be killed without a word to its children.
    """
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise StopRequestedError

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as nohup left it
            signal.signal(number, ask)
    if follow_pid is not None:
        threading.Thread(target=_follow, args=(follow_pid,), name="follow-parent", daemon=True).start()


def _follow(pid: int) -> None:
    while os.getppid() == pid:
        time.sleep(_POLL_S)
    os.kill(os.getpid(), signal.SIGTERM)
