"""How many TCP connections were opened to a port: the kernel lists those in use, and for a minute those that were closed."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_TABLE = Path("/proc/net/tcp")
_LOOK_EVERY_S = 0.5
_LISTENING = "0A"


class ConnectionCount:
    """Counts connections to a port that were opened while it is entered."""

    def __init__(self, port: int) -> None:
        self._port = f"{port:04X}"
        self._seen: set[str] = set()
        self._before: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @property
    def opened(self) -> int:
        """How many have been seen."""
        return len(self._seen - self._before)

    def __enter__(self) -> Self:
        self._before = self._listed()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        self._seen |= self._listed()

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_S):
            self._seen |= self._listed()

    def _listed(self) -> set[str]:
        """The caller's port of each connection, whichever end of it is listed."""
        callers = set()
        for line in _TABLE.read_text().splitlines()[1:]:
            _, local, remote, state, *_ = line.split()
            ports = local.rpartition(":")[2], remote.rpartition(":")[2]
            if state != _LISTENING and self._port in ports:
                callers.add(ports[0] if ports[1] == self._port else ports[1])
        return callers
