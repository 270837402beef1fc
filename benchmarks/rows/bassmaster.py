"""Batches of 1,000 to a hapi with bassmaster (npm), which calls its own routes: there is no service behind it."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager

from benchmarks.in_process import install, server
from benchmarks.row import Beside, Body, Call, Pace, Row, Sent

_MOST = 1000


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send batch after batch; a result is the route's body alone, and has a status only where it is an error."""
    batches = (_batch(bodies[start : start + _MOST]) for start in range(0, len(bodies), _MOST))
    return Sent(Counter(_status(result) for result in server.post_batches(call.beside["url"], batches)))


def _batch(bodies: Sequence[Body]) -> dict[str, object]:
    return {"requests": [{"method": "post", "path": "/v1/users", "payload": body} for body in bodies]}


def _status(result: object) -> int:
    if not isinstance(result, dict):
        return 0
    return 201 if "userId" in result else int(result.get("statusCode", 0))


def beside(call: Call) -> AbstractContextManager[Beside]:
    """Run the server."""
    return server.serve(
        call,
        lambda port: ["node", str(install.BASSMASTER / "server.js"), str(port)],
        environment={"NODE_ENV": "production"},
        ready=lambda url: server.answers_batch(url, _batch([{}])),
    )


def missing(call: Call) -> str | None:
    """Install it; say why not."""
    return install.install_bassmaster()


ROW = Row(
    70,
    "bassmaster",
    "bassmaster (in-process), batches of 1,000",
    send,
    Pace.BULK,
    frozenset({"nginx"}),
    missing=missing,
    beside=beside,
    in_quick=False,
)
