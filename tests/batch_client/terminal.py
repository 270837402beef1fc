"""A command on a pseudo-terminal, with somebody before it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.batch_service.waiting import eventually

CTRL_C, CTRL_S = b"\x03", b"\x13"
# The first process of a session has the terminal that it opens first.
_OPEN = "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execv(sys.argv[1], sys.argv[1:])"
_WITH_TERMINAL = (sys.executable, "-c", _OPEN)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """Everything that the command draws is read as it comes."""

    def __init__(self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str], columns: int = 100) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._drawn = bytearray()
        without_size = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            [*_WITH_TERMINAL, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env={**without_size, "TERM": "xterm-256color"},
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(10)
        os.close(self._master)

    def _read(self) -> None:
        with suppress(OSError):  # the command has ended
            while block := os.read(self._master, 65536):
                self._drawn += block

    @property
    def raw(self) -> str:
        return self._drawn.decode(errors="replace")

    @property
    def text(self) -> str:
        """All that was ever drawn, without colours and movements."""
        return _ESCAPES.sub("", self.raw)

    def until(self, pattern: str, *, within_s: float = 60) -> None:
        def is_drawn() -> bool:
            found = re.search(pattern, self.text) is not None
            assert found or self.process.poll() is None, self.text
            return found

        eventually(is_drawn, within_s=within_s)

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def end(self, *, within_s: float = 60) -> int:
        code = self.process.wait(within_s)
        self._reader.join(10)
        return code
