"""Processes of a run: each in a session of its own, and none left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
_UP_WITHIN_S = 20.0
_DOWN_WITHIN_S = 5.0


class ChildError(Exception):
    """A process that a row or a target needs does not run."""


@contextmanager
def child(
    arguments: Sequence[str], *, log: Path, port: int | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run a process, ready when it listens on the port; give its id."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            arguments,
            cwd=CHECKOUT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        if port is not None:
            _wait_listening(process, port, log)
        yield process.pid
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_DOWN_WITHIN_S)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def module(name: str, *arguments: object) -> list[str]:
    """The command that runs a module with this Python."""
    return [sys.executable, "-m", name, *(str(argument) for argument in arguments)]


def _wait_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _UP_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise ChildError(f"{process.args!r} does not listen on port {port}: {log.read_text(errors='replace')[-500:]}")
