"""One child process: how it is started, stopped and killed."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """What a child runs, and what it finds in its environment."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]


class Process:
    """A command that runs at most once at a time, in a session of its own: Ctrl-C in the terminal does not reach it.

    `inherited` are the file descriptors it is handed; `log` takes its output, or None leaves it on the terminal.
    """

    def __init__(self, command: Command, *, inherited: Sequence[int], log: Path | None) -> None:
        self.name = command.name
        self.log = log
        self.started_at = 0.0
        self._command = command
        self._inherited = inherited
        self._popen: subprocess.Popen[bytes] | None = None
        self._is_swept = False

    @property
    def pid(self) -> int | None:
        """The id of the process that was started last."""
        return self._popen.pid if self._popen else None

    @property
    def exit_status(self) -> int | None:
        """The status it ended with (negative: the signal), None while it runs or before it was started."""
        return self._popen.poll() if self._popen else None

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        """Start it."""
        output = self.log.open("ab") if self.log else None
        try:
            self._popen = subprocess.Popen(
                self._command.arguments,
                env=self._command.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                pass_fds=self._inherited,
                start_new_session=True,
            )
        finally:
            if output:
                output.close()
        self.started_at = time.monotonic()
        self._is_swept = False

    def wait(self, limit_s: float) -> int | None:
        """Wait for its end; return the status, or None if it still runs when the time is over."""
        if self._popen is None:
            return None
        try:
            return self._popen.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, limit_s: float) -> None:
        """Ask it to end; kill it when it has not ended in time."""
        if self.is_alive:
            assert self._popen is not None
            self._popen.send_signal(signal.SIGTERM)
            self.wait(limit_s)
        self.kill()

    def kill(self) -> None:
        """Kill it and all that it started; what is left of one that ended by itself is killed too."""
        if self._popen is None or self._is_swept:
            return
        with suppress(ProcessLookupError, PermissionError):  # macOS says "not permitted" of a group of zombies
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        self._is_swept = True  # its number may name a stranger's group from here on
