"""Named processes that may be killed and started again, and that live no longer than this one."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from local_stack.process import Command, Process
from servicekit import lifeline

_DEAD_WITHIN_S = 10.0
_SHOWN_CHARACTERS = 1500


class Processes:
    """Each writes a log of its own; all are killed at the end of the block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, Process] = {}
        self._lifeline = self._writing_end = -1

    def __enter__(self) -> Self:
        self._lifeline, self._writing_end = os.pipe()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            process.kill()
        os.close(self._lifeline)
        os.close(self._writing_end)

    @property
    def environment(self) -> dict[str, str]:
        """What each must find in its own."""
        return {lifeline.VARIABLE: str(self._lifeline)}

    def __iter__(self) -> Iterator[str]:
        return iter(self._running)

    def add(self, command: Command) -> None:
        self._running[command.name] = Process(command, inherited=[self._lifeline], log=self._log(command.name))

    def start(self, name: str) -> None:
        self._running[name].start()

    def pid(self, name: str) -> int:
        pid = self._running[name].pid
        assert pid is not None
        return pid

    def kill(self, name: str) -> None:
        """Kill a process and all that it started, as -9."""
        self._running[name].kill()

    def kill_first(self, name: str) -> None:
        """Kill a process and none of those that it started."""
        os.kill(self.pid(name), signal.SIGKILL)
        self._running[name].wait(_DEAD_WITHIN_S)

    def ended_by_themselves(self) -> list[str]:
        """Name the processes that should run and do not."""
        return [name for name, process in self._running.items() if not process.is_alive]

    def log(self, name: str) -> str:
        path = self._log(name)
        return path.read_text(errors="replace") if path.exists() else ""

    def log_tails(self) -> str:
        return "\n".join(f"--- {name}\n{self.log(name)[-_SHOWN_CHARACTERS:]}" for name in self._running)

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"
