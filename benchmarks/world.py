"""What a run starts: one stack whose batch service knows every target, nginx, and the way to the target that is far away."""

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from benchmarks import children, nginx
from benchmarks.connections import AcceptLog, NginxStatus
from benchmarks.rows.fast_lane import FAST
from local_stack.ports import free_port, is_ready
from local_stack.supervisor import Stack

CONNECTIONS = 16
_DELAY_MS = 25
_READY_WITHIN_S, _POLL_S = 60.0, 0.1
_FAST_LANE = 'batch = { path = "/batch", max_items = 500 }'


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target is, and which process it is."""

    port: int
    pid: int
    accepted: Callable[[], int]
    """How many connections it has accepted so far."""

    @property
    def url(self) -> str:
        """The collection."""
        return f"http://{children.HOST}:{self.port}/v1/users"


class World:
    """Everything that the rows share; entered it runs, left it is gone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places: dict[str, Place] = {}
        self.missing: dict[str, str] = {}
        ports = {"users": free_port(), "nginx": free_port(), "far": free_port()}
        self._ports = {**ports, "plain": ports["users"]}
        self.accept_log = AcceptLog(folder / "accepted")
        registry = folder / "entities.toml"
        registry.write_text(_registry(self._ports))
        self.stack = Stack(
            var_dir=folder / "var",
            users_port=ports["users"],
            env={"ENTITIES_FILE": str(registry), **self.accept_log.environment, **_bytecode(folder)},
        )
        self._exits = ExitStack()

    @property
    def pids(self) -> Mapping[str, int]:
        """The processes of the batch service, by their column of the table."""
        assert self.stack.batch.pid is not None
        assert self.stack.worker.pid is not None
        return {"batch": self.stack.batch.pid, "worker": self.stack.worker.pid}

    def start_batch_again(self, entity: str) -> None:
        """Start the batch service and its worker anew, and let them send something: nothing is left of other rows."""
        for name in ("worker", "batch"):
            self.stack.restart(name)
        deadline = time.monotonic() + _READY_WITHIN_S  # Stack.wait_ready would ask the users service too, and count there
        while not is_ready(self.stack.batch_port):
            if time.monotonic() > deadline:
                raise children.ChildError(f"the batch service is not ready after {_READY_WITHIN_S:.0f} s")
            time.sleep(_POLL_S)
        answer = requests.post(f"{self.stack.batch_url}/v1/batch/{entity}", json=[{"method": "GET"}], timeout=60)
        answer.raise_for_status()

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            exits.enter_context(self.stack)
            self.stack.wait_ready()
            users_pid = self.stack.users.pid
            assert users_pid is not None
            self.places["users"] = self.places["plain"] = self._place("users", users_pid)
            self._start_nginx(exits)
            proxy = children.module("benchmarks.delay_proxy", self._ports["far"], self._ports["users"], _DELAY_MS)
            environment = self.accept_log.environment
            exits.enter_context(
                children.child(proxy, log=self.folder / "proxy.log", port=self._ports["far"], environment=environment)
            )
            self.places["far"] = self._place("far", users_pid)
            self._exits = exits.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._exits.close()

    def _start_nginx(self, exits: ExitStack) -> None:
        program, port = nginx.find(), self._ports["nginx"]
        if program is None:
            self.missing["nginx"] = "nginx is not installed (apt-get install nginx-light)"
            return
        arguments = nginx.arguments(program, self.folder, port)
        pid = exits.enter_context(children.child(arguments, log=self.folder / "nginx.log", port=port))
        status = NginxStatus(f"http://{children.HOST}:{port}{nginx.STATUS_PATH}")
        self.places["nginx"] = Place(port, pid, status.accepted)

    def _place(self, name: str, pid: int) -> Place:
        port = self._ports[name]
        return Place(port, pid, partial(self.accept_log.accepted, port))


def _bytecode(folder: Path) -> Mapping[str, str]:
    """Where the tree may hold no bytecode, keep it here: every process that starts would compile everything."""
    if not sys.dont_write_bytecode:
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _registry(ports: Mapping[str, int]) -> str:
    return "\n".join(
        f'[entities.{name}{lane}]\nurl = "http://{children.HOST}:{port}/v1/users"\nmethods = ["GET", "POST"]\n'
        f"concurrency = {CONNECTIONS}\nidempotent_writes = true\n{_FAST_LANE if lane else ''}\n"
        for name, port in ports.items()
        for lane in ("", FAST)
        if not (lane and name == "nginx")
    )
