"""`python -m local_stack run` as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from local_stack.ports import free_port
from tests.local_stack.stand_ins import until

RUN = (sys.executable, "-m", "local_stack", "run")


class Run:
    """A run on free ports; what it prints is in `output`. It and its children are gone when the block ends."""

    def __init__(self, var_dir: Path, *, users_port: int | None = None, command: Sequence[str] = RUN, **env: str) -> None:
        self.users_port = users_port or free_port()
        self.batch_port = free_port()
        self._file = var_dir.with_name(f"{var_dir.name}-{self.batch_port}.txt")
        ports = {"USERS_PORT": str(self.users_port), "BATCH_PORT": str(self.batch_port)}
        with self._file.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **ports, "VAR_DIR": str(var_dir), **env},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def output(self) -> str:
        return self._file.read_text()

    @property
    def curl(self) -> str:
        return next((line for line in self.output.splitlines() if line.startswith("curl ")), "")

    def wait_up(self) -> None:
        until(lambda: self.curl or self.process.poll() is not None, limit_s=90)
        assert self.curl, self.output

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)
