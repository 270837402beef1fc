"""The server of a row, which is its own target: started for one run of the row, and gone with it."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import requests

from benchmarks import children, nginx
from benchmarks.connections import AcceptLog
from benchmarks.row import Beside, Call
from local_stack.ports import free_port

_NO_PROXY = {"http": ""}
_READY_WITHIN_S, _POLL_S = 30.0, 0.05


@contextmanager
def serve(
    call: Call, command: Callable[[int], Sequence[str]], *, environment: Mapping[str, str], ready: Callable[[str], bool]
) -> Iterator[Beside]:
    """Run the command, which is made for a port; tell its address as `url` once `ready` says so of that address."""
    port, folder = free_port(), Path(call.folder)
    accept_log = AcceptLog(folder / "accepted")
    environment = {**environment, **accept_log.environment, "BENCH_ANSWER": json.dumps(nginx.ANSWER)}
    log = folder / f"{call.row}.log"
    with children.child(command(port), log=log, port=port, environment=environment) as pid:
        url = f"http://{children.HOST}:{port}"
        deadline = time.monotonic() + _READY_WITHIN_S
        # By an answer and not by the open port: whoever tried that has then been accepted, and counted.
        while not ready(url):
            if time.monotonic() > deadline:
                raise children.ChildError(f"{call.row} is not ready: {log.read_text(errors='replace')[-500:]}")
            time.sleep(_POLL_S)
        yield Beside({"target": pid}, {"url": url}, partial(accept_log.accepted, port))


def answers_batch(url: str, batch: object) -> bool:
    """Say whether a batch sent to the server is answered by 200."""
    try:
        return requests.post(f"{url}/batch", json=batch, timeout=10, proxies=_NO_PROXY).status_code == 200
    except requests.RequestException:
        return False


def post_batches(url: str, batches: Iterator[object]) -> Iterator[object]:
    """Send one batch after the other over one connection; give each answer's results."""
    with requests.Session() as session:
        session.trust_env = False
        for batch in batches:
            answer = session.post(f"{url}/batch", json=batch, timeout=600)
            answer.raise_for_status()
            yield from answer.json()
