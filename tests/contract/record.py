"""Record conversations with the services of today: `python -m tests.contract.record`. What was recorded before is left alone.

Clients that exist (curl, the batch service itself) are run before a server that keeps what they send. What such a client
relies on is written down in `conversations.py`, by hand.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.batch_service.processes import BatchService
from tests.contract.conversations import CONVERSATIONS, Conversation
from tests.contract.recorder import Recorder
from tests.contract.replay import FOLDER, differences
from tests.users_service.processes import UsersService

_REGISTRY = '[entities.users]\nurl = "http://127.0.0.1:{port}/v1/users"\nidempotent_writes = true\n'
_AS_TARGET = {
    "batch-sends-one-by-one": _REGISTRY,
    "batch-sends-many": _REGISTRY + 'batch = { path = "/batch" }\n',
    "batch-sends-arrays": (
        '[entities.users]\nurl = "http://127.0.0.1:{port}/v2/users"\nbatch = { path = "", format = "bodies" }\n'
    ),
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for part in ("users", "batch"):
            (Path(folder) / part).mkdir()
        with UsersService(Path(folder) / "users") as users:
            _record_all(users, Path(folder) / "batch")


def _record_all(users: UsersService, folder: Path) -> None:
    registry = _REGISTRY.replace("{port}", str(users.port))
    with BatchService(folder, f"sqlite:///{folder}/batch.db", registry) as batch:
        for conversation in CONVERSATIONS:
            if conversation.is_without_worker:
                batch.stop("worker")
            port = users.port if conversation.service == "users" else batch.port
            _write(conversation.name, _with_curl(conversation, port))
            if conversation.is_without_worker:
                batch.start("worker")
    for name, registry in _AS_TARGET.items():
        _write(name, _as_target(users, folder, name, registry))


def _with_curl(conversation: Conversation, port: int) -> list[dict[str, Any]]:
    known: dict[str, str] = {}
    exchanges: list[dict[str, Any]] = []
    with Recorder(port) as recorder:
        for step in conversation.steps:
            place = f"http://127.0.0.1:{recorder.port}{_filled(step.path, known)}"
            arguments = [_filled(argument, known) for argument in step.arguments]
            faults = ["not asked"]
            while faults:
                subprocess.run(["curl", "-s", "-o", "/dev/null", *arguments, place], check=True, timeout=60)
                faults = differences(step.relies_on, recorder.answers[-1], dict(known))
                assert not faults or step.is_repeated, (conversation.name, step.name, faults, recorder.answers[-1])
            request = _named(recorder.requests[-1].decode(), {**known, "port": str(recorder.port)})
            differences(step.relies_on, recorder.answers[-1], known)
            exchanges.append({"name": step.name, "request": request, "relies_on": step.relies_on})
            if step.is_repeated:
                exchanges[-1]["repeated"] = True
    return exchanges


def _as_target(users: UsersService, folder: Path, name: str, registry: str) -> list[dict[str, Any]]:
    """Keep what the batch service sends to its target, and what it makes of the answers."""
    own = folder / name
    own.mkdir()
    items = [{"body": {"username": f"{name}-{number}", "password": "123456"}} for number in range(2)]
    items.append({"body": {"username": f"{name}-2"}})
    with Recorder(users.port) as recorder:
        with BatchService(own, f"sqlite:///{own}/batch.db", registry.replace("{port}", str(recorder.port))) as batch:
            job_id = batch.submit("users", items)
            batch.ended(job_id)
        places = {"port": str(recorder.port), "jobId": job_id}
        return [
            {
                "name": f"request {number}",
                "request": _named(request.decode(), places),
                "relies_on": _taken(answer.status, answer.json()),
            }
            for number, (request, answer) in enumerate(zip(recorder.requests, recorder.answers, strict=True))
        ]


def _taken(status: int, body: Any) -> dict[str, Any]:
    """What the batch service reads of an answer: its status, and the parts of a door's results."""
    if isinstance(body, list):
        return {"status": status, "body": [{"responseCode": each["responseCode"]} for each in body]}
    return {"status": status}


def _filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda place: known.get(place[1], place[0]), text)


def _named(text: str, known: Mapping[str, str]) -> str:
    """Put names in the place of what differs from run to run."""
    for name, value in known.items():
        text = text.replace(value, f"{{{name}}}")
    return text.replace("\r\n", "\n")


def _write(name: str, exchanges: list[dict[str, Any]]) -> None:
    path = FOLDER / f"{name}.yaml"
    if path.exists():
        sys.stdout.write(f"{path.name} is there already and stays\n")
        return
    path.write_text(yaml.dump(exchanges, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000))
    sys.stdout.write(f"recorded {path.name}\n")


class _Dumper(yaml.SafeDumper):
    """Writes a request as the lines that it has."""


_Dumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)
)

if __name__ == "__main__":
    main()
