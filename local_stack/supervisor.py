"""A stack: the users service, the worker and the batch service, from migration to the last one stopped."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from local_stack.children import Children
from local_stack.errors import StackError
from local_stack.ports import free_port, is_ready, require_free
from local_stack.process import Process
from local_stack.services import HOST, Services
from local_stack.var_dir import VarDir

_READY_LIMIT_S = 60.0
_POLL_S = 0.1


class Stack:
    """Both services and the worker on free or on given ports, with all state in one folder.

    As a context manager it starts on entry and leaves no process behind. Children write to `<var_dir>/logs/<name>.log`, or to
    the terminal if `to_terminal` is set. `env` is added to the environment of every child.
    """

    def __init__(
        self,
        *,
        var_dir: Path,
        users_port: int | None = None,
        batch_port: int | None = None,
        users_database_url: str | None = None,
        batch_database_url: str | None = None,
        broker_url: str | None = None,
        env: Mapping[str, str] | None = None,
        to_terminal: bool = False,
    ) -> None:
        self.var_dir = VarDir(var_dir)
        self.users_port = users_port or free_port()
        self.batch_port = batch_port or free_port()
        self._services = Services(
            var_dir=self.var_dir.path,
            users_port=self.users_port,
            batch_port=self.batch_port,
            users_database_url=users_database_url,
            batch_database_url=batch_database_url,
            broker_url=broker_url,
            extra=env or {},
        )
        self._to_terminal = to_terminal
        self._children: Children | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def users_url(self) -> str:
        """The address of the users service."""
        return f"http://{HOST}:{self.users_port}"

    @property
    def batch_url(self) -> str:
        """The address of the batch service."""
        return f"http://{HOST}:{self.batch_port}"

    @property
    def api_key(self) -> str:
        """The credential that both services know."""
        return self.var_dir.key_file.read_text().strip()

    @property
    def users(self) -> Process:
        """The users service."""
        return self._running["users"]

    @property
    def batch(self) -> Process:
        """The batch service."""
        return self._running["batch"]

    @property
    def worker(self) -> Process:
        """The worker of the batch service."""
        return self._running["worker"]

    def start(self) -> None:
        """Take the folder and the ports, migrate, enter the key and start the three.

        Raises:
            StackError: the folder or a port is in use, or a step failed; nothing was started, or `stop` ends what was.
        """
        self.var_dir.create()
        held = self.var_dir.lock(_say_waiting)
        self._require_ports()
        self.var_dir.ensure_key()
        self._children = Children(held=held, logs=None if self._to_terminal else self.var_dir.logs)
        self._prepare(self._children)
        # The target first and the door last; the way back stops the door first, then the worker, then what it calls.
        self._children.start(self._services.users("users", "serve"))
        self._children.start(self._services.batch("worker", "worker"))
        self._children.start(self._services.batch("batch", "serve"))

    def wait_ready(self, limit_s: float = _READY_LIMIT_S) -> None:
        """Return when both services can take work; raise StackError if one ends before, or in time is not ready."""
        deadline = time.monotonic() + limit_s
        while not (is_ready(self.users_port) and is_ready(self.batch_port)):
            self._running.require_alive()
            if time.monotonic() > deadline:
                raise StackError(f"The services are not ready after {limit_s:g} s.")
            time.sleep(_POLL_S)

    def restart(self, name: str) -> None:
        """Stop `users`, `batch` or `worker` if it runs, and start it again."""
        self._running[name].stop(limit_s=10.0)
        self._running.start_again(name)

    def tend(self) -> None:
        """Start again what has ended by itself; raise StackError when that does not help."""
        self._running.tend()

    def stop(self) -> None:
        """Stop what was started and give the folder back; may be called at any time, and twice."""
        self.var_dir.announce_stop()
        if self._children is not None:
            self._children.stop()
            self._children.cut()
            self._children = None
        self.var_dir.unlock()

    @property
    def _running(self) -> Children:
        if self._children is None:
            raise StackError("The stack has not been started.")
        return self._children

    def _require_ports(self) -> None:
        if self.users_port == self.batch_port:
            raise StackError(f"USERS_PORT and BATCH_PORT are both {self.users_port}: set one of them to another port.")
        require_free(self.users_port, variable="USERS_PORT")
        require_free(self.batch_port, variable="BATCH_PORT")

    def _prepare(self, children: Children) -> None:
        key = str(self.var_dir.key_file)
        for step in (["migrate"], ["keys", "add", key]):
            children.run_once(
                [
                    self._services.users(f"users {step[0]}", *step),
                    self._services.batch(f"batch {step[0]}", *step),
                ]
            )


def _say_waiting() -> None:
    print("Waiting for an earlier run on the same folder to end ...", file=sys.stderr, flush=True)
