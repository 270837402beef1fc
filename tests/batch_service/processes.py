"""The batch service as it is run: a process that serves, and one that works."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import requests

from batch_service.bootstrap import MIGRATIONS
from servicekit.database import Database
from tests.batch_service.making import KEY_RING
from tests.batch_service.waiting import eventually

COMMAND = (sys.executable, "-m", "batch_service.cli")
_UP_WITHIN_S = 60


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _quick_start(folder: Path) -> dict[str, str]:
    """Where the tree may hold no bytecode, keep it beside the tests' folders: to compile everything takes seconds a process."""
    return (
        {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode")}
        if sys.dont_write_bytecode
        else {}
    )


class BatchService:
    """A folder, a database and a registry; `settings` are environment variables."""

    command: Sequence[str] = COMMAND
    """Another one belongs to an installation of its own."""

    def __init__(self, folder: Path, database_url: str, registry: str, **settings: object) -> None:
        (folder / "entities.toml").write_text(registry)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1/batch"
        self.log = folder / "log"
        self._environment = {
            **os.environ,
            "VAR_DIR": str(folder),
            "ENTITIES_FILE": str(folder / "entities.toml"),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "KEYRING": KEY_RING,
            "THREADS": "8",
            **_quick_start(folder),
            **{name: str(value) for name, value in settings.items()},
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._session = requests.Session()

    def __enter__(self) -> Self:
        if self.command is COMMAND:
            migrated = Database(self._environment["DATABASE_URL"])
            MIGRATIONS.upgrade(migrated)
            migrated.dispose()
        else:
            subprocess.run([*self.command, "migrate"], env=self._environment, check=True, timeout=60)
        self.start("worker")
        self.start("serve")
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        for name in list(self._running):
            self.stop(name)

    def start(self, name: str) -> None:
        """Start `serve` or `worker`; a second one has a number after its name."""
        with self.log.open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*self.command, name.partition(" ")[0]], env=self._environment, stdout=log, stderr=log
            )
        if name == "serve":
            eventually(self._is_ready, within_s=_UP_WITHIN_S)

    def stop(self, name: str, by: signal.Signals = signal.SIGTERM) -> int:
        process = self._running.pop(name)
        process.send_signal(by)
        return process.wait(timeout=60)

    def kill(self, name: str) -> None:
        """Kill a process and those that it forked, all at once."""
        process = self._running.pop(name)
        children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False).stdout.split()
        for pid in [process.pid, *map(int, children)]:
            os.kill(pid, signal.SIGKILL)
        process.wait(timeout=60)

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def post(self, path: str, batch: Any = None, **headers: str) -> requests.Response:
        return self._session.post(f"{self.url}/{path}", json=batch, headers=headers, timeout=60)

    def get(self, path: str) -> Any:
        response = self._session.get(f"{self.url}/{path}", timeout=60)
        assert response.status_code == 200, response.text
        return response.json()

    def submit(self, entity: str, batch: Any) -> str:
        response = self.post(entity, batch, Prefer="respond-async")
        assert response.status_code == 202, response.text
        return str(response.json()["jobId"])

    def ended(self, job_id: str, *, within_s: float = 60) -> Any:
        """The job, once it has ended; its counts add up whenever one looks."""

        def has_ended() -> bool:
            job = self.get(f"jobs/{job_id}?limit=1")
            counts = job["counts"]
            assert counts["pending"] + counts["succeeded"] + counts["failed"] == counts["total"]
            return job["status"] not in ("queued", "running")

        eventually(has_ended, within_s=within_s)
        return self.get(f"jobs/{job_id}?limit=1")

    def all_results(self, job_id: str, *, limit: int = 1000) -> list[Any]:
        page = self.get(f"jobs/{job_id}/results?limit={limit}")
        results = list(page["results"])
        while page["next"] is not None:
            page = self.get(f"jobs/{job_id}/results?limit={limit}&cursor={page['next']}")
            results += page["results"]
        return results
