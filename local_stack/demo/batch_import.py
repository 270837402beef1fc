"""The import itself: a file, one POST, a job that is polled."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from batch_client import BatchClient, ItemResult, JobStatus

_LIMIT_S = 1800.0


@dataclass(frozen=True, slots=True)
class Import:
    """How an import ended; `seconds` is from reading the file to seeing the job's end."""

    status: JobStatus
    results: list[ItemResult]
    seconds: float


def import_users(client: BatchClient, bodies: Iterable[dict[str, Any]], *, total: int, console: Console) -> Import:
    """Create users through the batch service, with a bar that shows how far it is."""
    columns = (TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("import", total=total)
        started = time.monotonic()
        job = client.submit_job("users", [{"method": "POST", "body": body} for body in bodies])
        status = job.wait(on_progress=lambda status: progress.update(bar, completed=status.done), timeout_s=_LIMIT_S)
        seconds = time.monotonic() - started
    return Import(status, list(job.results()), seconds)
