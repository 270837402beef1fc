"""Batches of 1,000 to a Django with drf-batch-requests (PyPI), which calls its own views: there is no service behind it."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.in_process import install, server
from benchmarks.row import Beside, Body, Call, Pace, Row, Sent

_MOST = 1000


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send batch after batch: to the view that stores users, or to the one that stands for a static target."""
    path = "/static" if call.entity == "nginx" else "/users"
    batches = (_batch(path, bodies[start : start + _MOST]) for start in range(0, len(bodies), _MOST))
    return Sent(Counter(_status(result) for result in server.post_batches(call.beside["url"], batches)))


def _batch(path: str, bodies: Sequence[Body]) -> dict[str, object]:
    return {"batch": [{"method": "post", "relative_url": path, "body": body} for body in bodies]}


def _status(result: object) -> int:
    return int(result["code"]) if isinstance(result, dict) else 0


def beside(call: Call) -> AbstractContextManager[Beside]:
    """Run the server, with as many processes and threads as the users service has."""
    arguments = ["--workers", "2", "--threads", "8", "--no-control-socket", "--preload", "users.wsgi"]
    return server.serve(
        call,
        lambda port: [
            str(install.DRF_PYTHON), "-m", "gunicorn", "--chdir", str(install.DRF), "--bind", f"127.0.0.1:{port}", *arguments
        ],
        environment={"BENCH_DATABASE": str(Path(call.folder) / "drf.db"), "DJANGO_SETTINGS_MODULE": "users.settings"},
        ready=lambda url: server.answers_batch(url, _batch("/static", [{}])),
    )  # fmt: skip


def missing(call: Call) -> str | None:
    """Install it; say why not."""
    return install.install_drf()


ROW = Row(
    80,
    "drf_batch",
    "drf-batch-requests (in-process), batches of 1,000",
    send,
    Pace.BULK,
    frozenset({"users", "nginx"}),
    missing=missing,
    beside=beside,
    in_quick=False,
)
