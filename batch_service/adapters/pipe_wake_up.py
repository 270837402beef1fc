"""Wake-ups between processes of one machine: a named pipe in the service's folder.

A hint only. Nothing is lost with it: the worker looks at the job store by itself every half second.
"""

import errno
import logging
import os
import select
from contextlib import suppress
from pathlib import Path

_log = logging.getLogger(__name__)


class PipeWakeUp:
    """Whoever stores work rings, the worker waits; a pipe nobody waits at swallows the ring."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def ring(self, chunks: int = 1) -> None:
        """Wake the worker, which then claims as many chunks as it can; never blocks, never fails."""
        try:
            fd = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno not in (errno.ENXIO, errno.ENOENT):  # otherwise no worker waits here
                _log.warning("the worker cannot be woken: %s", error)
            return
        with suppress(OSError):  # the pipe is full of rings already, or the worker went away
            os.write(fd, b"!")
        os.close(fd)

    def wait(self, timeout_s: float) -> None:
        """Wait until someone rings, or for so long."""
        if self._fd < 0:
            self._open()
        ready, _, _ = select.select([self._fd], [], [], timeout_s)
        if ready:
            with suppress(BlockingIOError):  # another worker on this machine took the ring
                os.read(self._fd, 65_536)

    def _open(self) -> None:
        if not self._path.is_fifo():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):  # another worker was faster
                os.mkfifo(self._path, 0o600)
        # Read and write: with a writer of its own the pipe never reports the end of the file.
        self._fd = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
