"""Small commands that stand in for services, and questions about processes."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local_stack.process import Command

STAY = "import time; time.sleep(600)"
FOLLOW = "import os, time; from servicekit import lifeline; lifeline.watch(lambda: os._exit(1)); time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
SPAWN = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {STAY!r}]).pid, flush=True)"
LAST_WORDS = """
import signal, sys, time
def say(*_):
    print(sys.argv[2], file=open(sys.argv[1], "a"))
    sys.exit()
signal.signal(signal.SIGTERM, say)
print("up", flush=True)
time.sleep(600)
"""
END = "raise SystemExit(3)"


def command(name: str, code: str, *arguments: str) -> Command:
    return Command(name, [sys.executable, "-c", code, *arguments], dict(os.environ))


def until(condition: Callable[[], object], limit_s: float = 15.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")  # an orphan may stay a zombie where nobody reaps it
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
