"""The children of one supervisor: they live no longer than it does."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from local_stack.errors import StackError
from local_stack.process import Command, Process
from servicekit import lifeline

_STOP_LIMIT_S = 10.0
_LAST_CHANCE_S = 1.0  # for each child that is asked only after the common limit has passed
_ONCE_LIMIT_S = 120.0
_STEADY_S = 10.0
_MAX_QUICK_ENDS = 5
_FIRST_PAUSE_S = 0.25


class Children:
    """Starts children on a lifeline: when this process dies, however it dies, they see it and end.

    `held` is a file descriptor that they inherit, such as that of a lock which must outlive none of them.
    """

    def __init__(self, *, held: int, logs: Path | None) -> None:
        self._lifeline, self._writing_end = os.pipe()
        self._held = held
        self._logs = logs
        self._processes: dict[str, Process] = {}
        self._quick_ends: dict[str, int] = {}
        self._start_again_at: dict[str, float] = {}

    def __getitem__(self, name: str) -> Process:
        return self._processes[name]

    def __iter__(self) -> Iterator[Process]:
        return iter(list(self._processes.values()))

    def run_once(self, commands: Sequence[Command]) -> None:
        """Run commands to their end, side by side; raise StackError if one fails."""
        processes = [self._make(command) for command in commands]
        try:
            for process in processes:
                process.start()
            for process in processes:
                if process.wait(_ONCE_LIMIT_S) != 0:
                    raise StackError(f"{process.name} failed{_where(process)}.")
        finally:
            for process in processes:
                process.kill()

    def start(self, command: Command) -> None:
        """Start a child that is to stay."""
        process = self._processes[command.name] = self._make(command)
        process.start()

    def start_again(self, name: str) -> None:
        """Start a child that has ended or was killed."""
        self._processes[name].start()
        self._start_again_at.pop(name, None)

    def require_alive(self) -> None:
        """Raise StackError if a child has ended."""
        for process in self:
            if not process.is_alive:
                raise StackError(f"{process.name} ended with status {process.exit_status}{_where(process)}.")

    def tend(self) -> None:
        """Start again, after a growing pause, what has ended by itself.

        Raises:
            StackError: a child ended several times in a row, each time soon after its start.
        """
        for process in self:
            if process.is_alive:
                continue
            if process.name not in self._start_again_at:
                self._plan_restart(process)
            elif time.monotonic() >= self._start_again_at[process.name]:
                self.start_again(process.name)

    def stop(self) -> None:
        """Stop all, the last started first; kill what has not ended in time."""
        deadline = time.monotonic() + _STOP_LIMIT_S
        for process in reversed(list(self)):
            process.stop(max(deadline - time.monotonic(), _LAST_CHANCE_S))

    def cut(self) -> None:
        """Close the lifeline for good."""
        os.close(self._writing_end)
        os.close(self._lifeline)

    def _make(self, command: Command) -> Process:
        environment = {**command.environment, lifeline.VARIABLE: str(self._lifeline)}
        log = self._logs / f"{command.name.split()[0]}.log" if self._logs else None
        return Process(replace(command, environment=environment), inherited=(self._lifeline, self._held), log=log)

    def _plan_restart(self, process: Process) -> None:
        process.kill()  # its own children might hold its port
        quick = time.monotonic() - process.started_at < _STEADY_S
        ends = self._quick_ends[process.name] = self._quick_ends.get(process.name, 0) + 1 if quick else 1
        if ends >= _MAX_QUICK_ENDS:
            raise StackError(f"{process.name} ended {ends} times in a row soon after its start{_where(process)}.")
        pause_s = _FIRST_PAUSE_S * 2 ** (ends - 1)
        self._start_again_at[process.name] = time.monotonic() + pause_s
        print(
            f"{process.name} ended with status {process.exit_status}; starting it again in {pause_s:g} s",
            file=sys.stderr,
            flush=True,
        )


def _where(process: Process) -> str:
    return f"; {process.log} says why" if process.log else "; its output above says why"
