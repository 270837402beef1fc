"""The users service as it is run: a process that serves."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import requests

from tests.batch_service.processes import free_port
from tests.batch_service.waiting import eventually

COMMAND = (sys.executable, "-m", "users_service.cli")
_CHEAP = {"ARGON2_MEMORY_KIB": "32", "ARGON2_TIME_COST": "1"}


class UsersService:
    """A folder and a database in it; `settings` are environment variables."""

    def __init__(self, folder: Path, *, command: Sequence[str] = COMMAND, **settings: object) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "users.log"
        self._command = command
        self._environment = {
            **os.environ,
            **_CHEAP,
            "DATABASE_URL": f"sqlite:///{folder}/users.db",
            "PORT": str(self.port),
            "WORKERS": "1",
            **{name: str(value) for name, value in settings.items()},
        }

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            subprocess.run([*self._command, "migrate"], env=self._environment, check=True, stdout=log, stderr=log, timeout=60)
            self._process = subprocess.Popen([*self._command, "serve"], env=self._environment, stdout=log, stderr=log)
        eventually(self._is_ready, within_s=60)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=60)

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False
