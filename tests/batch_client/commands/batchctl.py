"""`batchctl` as it is run."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.batch_client.scripted import Answer

COMMAND = [sys.executable, "-m", "batch_client.cli"]
NO_EVENTS = Answer(404, {"error": "Not found", "code": "not_found"})
USERS = {"name": "users", "methods": ["GET", "PATCH", "POST", "DELETE"], "headers": ["if-match"], "concurrency": 8}
LIMITS = {"maxItems": 1000, "maxStreamBytes": 10**9}
ENTITIES = Answer(200, {"entities": [USERS], "limits": LIMITS, "next": None})


def document(
    status: str, *, job_id: str = "j1", total: int = 2, failed: int = 0, pending: int = 0, **more: Any
) -> dict[str, Any]:
    counts = {"total": total, "pending": pending, "succeeded": total - pending - failed, "failed": failed}
    job = {"jobId": job_id, "entity": "users", "status": status, "counts": counts, "createdAt": "2026-11-22T19:51:42.123Z"}
    return {**job, "startedAt": None, "finishedAt": None, "expiresAt": None, "retryOf": None, "errors": [], **more}


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        return self.err.splitlines()


class Batchctl:
    def __init__(self, url: str, folder: Path, **environment: str) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BATCH_")}
        self.environment = {**kept, "BATCH_URL": url, "COLUMNS": "80", **environment}

    def __call__(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> Done:
        ran = subprocess.run(
            [*COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            timeout=120,
            check=False,
        )
        return Done(ran.returncode, ran.stdout.decode(), ran.stderr.decode())

    def write(self, name: str, content: str | bytes) -> str:
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return name
