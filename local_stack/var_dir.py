"""The folder of all state: its lock, its credential, the places of its files."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from local_stack.errors import StackError
from servicekit import api_keys

_WAIT_S = 20.0
_GRACE_S = 2.0  # a supervisor that is just stopping takes its number away within this time
_POLL_S = 0.05


class VarDir:
    """All state of one stack."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.logs = self.path / "logs"
        self.key_file = self.path / "api-key"
        self._lock = self.path / ".lock"
        self._lock_fd: int | None = None

    def create(self) -> None:
        """Make the folder; nobody else may read what is in it."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(exist_ok=True)
        except OSError as error:
            raise StackError(f"VAR_DIR={self.path} cannot be used: {error.strerror}.") from None

    def lock(self, on_wait: Callable[[], None]) -> int:
        """Take the folder and return the lock's file descriptor; a child that inherits it holds the lock too.

        So a new supervisor waits until the last child of a killed one is gone. `on_wait` is called once, before waiting.

        Raises:
            StackError: another stack runs on the folder, or what is left of one does not end.
        """
        fd = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _take(fd, self.path, on_wait)
        except BaseException:
            os.close(fd)
            raise
        self._lock_fd = fd
        _write_supervisor(fd, str(os.getpid()))
        return fd

    def announce_stop(self) -> None:
        """Say in the lock file that its supervisor is about to end, so that the next one waits for it."""
        if self._lock_fd is not None:
            _write_supervisor(self._lock_fd, "")

    def unlock(self) -> None:
        """Give this process's hold on the folder back; children that still run keep theirs."""
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None

    def ensure_key(self) -> None:
        """Leave a credential in `api-key`, readable by its owner alone; one that is there already stays."""
        if not self.key_file.exists():
            new = self.key_file.with_suffix(".new")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(api_keys.new_key() + "\n")
            new.rename(self.key_file)  # whole or not at all, even if this process is killed here
        self.key_file.chmod(0o600)


def _take(fd: int, path: Path, on_wait: Callable[[], None]) -> None:
    started, waited = time.monotonic(), False
    while not _try_lock(fd):
        waiting_s = time.monotonic() - started
        supervisor = _living_supervisor(fd)
        if (supervisor and waiting_s > _GRACE_S) or waiting_s > _WAIT_S:
            holder = f"by process {supervisor}" if supervisor else "by what is left of another run"
            raise StackError(f"VAR_DIR={path} is in use {holder}: end that first, or set VAR_DIR to another folder.")
        if not waited:
            on_wait()
            waited = True
        time.sleep(_POLL_S)


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_supervisor(fd: int, pid: str) -> None:
    os.ftruncate(fd, 0)
    os.pwrite(fd, pid.encode(), 0)


def _living_supervisor(fd: int) -> int | None:
    try:
        pid = int(os.pread(fd, 20, 0))
        os.kill(pid, 0)
    except (ValueError, ProcessLookupError):
        return None
    except PermissionError:  # it lives, and is somebody else's
        return pid
    return pid
