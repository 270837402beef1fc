"""What a Python that has this folder in its PYTHONPATH does first: each connection it accepts adds a byte to the port's file.

Nothing outside sees every connection: the kernel's table forgets those that are reset, and hands a caller's port out again
within a second. An appended byte takes about 2 µs, and is whole whichever process of a target accepts.
"""

import os
import socket
from typing import Any

_FOLDER = os.environ.get("BENCH_ACCEPT_LOG", "")
_accept = socket.socket.accept
_files: dict[int, int] = {}


def _file(port: int) -> int:
    if port not in _files:
        _files[port] = os.open(f"{_FOLDER}/{port}", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    return _files[port]


def _accept_and_log(listener: socket.socket) -> tuple[socket.socket, Any]:
    accepted = _accept(listener)
    if listener.family in (socket.AF_INET, socket.AF_INET6):
        os.write(_file(listener.getsockname()[1]), b".")
    return accepted


if _FOLDER:
    socket.socket.accept = _accept_and_log  # type: ignore[method-assign,assignment]
