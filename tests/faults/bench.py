"""The batch service with its API, its workers and a target, each in a process that may be killed and started again."""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Self

from batch_service.bootstrap import MIGRATIONS
from local_stack.ports import free_port, is_ready
from local_stack.process import Command
from servicekit.database import Database
from tests.batch_service.making import KEY_RING
from tests.batch_service.processes import COMMAND
from tests.faults.broker import broker_settings
from tests.faults.databases import fresh_database, owners_of_chunks, port_of, through_port
from tests.faults.disk import small_disk
from tests.faults.fault import Fault
from tests.faults.ledger import Kind
from tests.faults.own_broker import own_broker
from tests.faults.processes import Processes
from tests.faults.proxy import Proxy
from tests.faults.second_thoughts import SecondThoughts
from tests.faults.submitter import Submitter, until
from tests.faults.target_side import Target
from tests.faults.things import Doors, Things
from tests.faults.users import Users

_SETTINGS = {
    "LEASE_S": 1,
    "SWEEP_EVERY_S": 0.5,
    "CHUNK_ITEMS": 10,
    "CHUNKS_AT_ONCE": 2,
    "THREADS": 4,
    "DRAIN_S": 3,
    "PYTHONUNBUFFERED": 1,
}
_TARGETS: Mapping[str, Callable[[Path, int], Target]] = {"things": Things, "doors": Doors, "users": Users}
_UP_WITHIN_S = 60.0
_PROGRESS_WITHIN_S = 60.0
_FEW_ITEMS = 2
_MANY_JOBS = 30  # a service that finishes nothing is asked all the same
_BARE = 50_000  # the number of the first batch without a key
_CHANGED = 70_000  # the number of the first batch that may be cancelled


class BenchError(Exception):
    """The bench itself does not work: nothing can be said about the fault."""


class StalledError(Exception):
    """Nothing moves any more, though nothing is broken on purpose: there is no use in breaking more."""


class Bench:
    """Everything of one run, in one folder; nothing of it outlives the block, or this process."""

    def __init__(self, fault: Fault, *, database: str, broker: str, folder: Path) -> None:
        self.fault = fault
        self.database = database
        self.folder = folder
        self.target: Target = _TARGETS[fault.target](folder, free_port())
        self.database_url = ""
        """Past every proxy."""
        self.broker: Mapping[str, str] = {}
        """What API and workers find in their environment: `BROKER_URL`, `BROKER_QUEUE`, or nothing."""
        self._broker_kind = broker
        self._ports = {f"api-{number}" if number else "api": free_port() for number in range(fault.apis)}
        self.processes = Processes(folder)
        self._stack = ExitStack()
        self.proxy: Proxy | None = None
        self.client = Submitter(self.url, self.target.entities, self.target.make_items)
        self.clients = [self.client]
        if fault.has_bare_client:
            few = partial(self.target.make_items, count=_FEW_ITEMS)
            bare = Submitter(self.url, self.target.entities, few, most_open=_MANY_JOBS, first=_BARE, has_keys=False)
            self.clients.append(bare)
        if fault.has_second_thoughts:
            second = partial(SecondThoughts, self.url, self.target.entities, self.target.make_items)
            self.clients.append(second(first=_CHANGED, most_open=3, seed=_CHANGED))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._ports['api']}/v1/batch"

    @property
    def disk(self) -> Path:
        """Where the database is, if that has a file system of its own."""
        return self.folder / "disk"

    @property
    def things(self) -> Things:
        """The strict target."""
        assert isinstance(self.target, Things)
        return self.target

    @property
    def the_proxy(self) -> Proxy:
        assert self.proxy is not None
        return self.proxy

    @property
    def workers(self) -> list[str]:
        return [name for name in self.processes if name.startswith("worker")]

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._set_up(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _set_up(self, stack: ExitStack) -> None:
        disk = stack.enter_context(small_disk(self.disk, bytes=self.fault.disk_bytes)) if self.fault.disk_bytes else self.folder
        self.database_url = stack.enter_context(fresh_database(self.database, disk))
        migrated = Database(self.database_url)
        MIGRATIONS.upgrade(migrated)
        migrated.dispose()
        stack.enter_context(self.processes)
        self._set_up_broker(stack)
        environment = self._environment(stack)
        self.processes.add(self.target.command({**environment, **self._target_database(stack)}))
        for name, port in self._ports.items():
            self.processes.add(Command(name, [*COMMAND, "serve"], {**environment, "PORT": str(port)}))
        for number in range(self.fault.workers):
            odd = self.fault.odd_worker() if number == self.fault.workers - 1 else {}
            self.processes.add(
                Command(f"worker-{number}" if number else "worker", [*COMMAND, "worker"], {**environment, **odd})
            )
        for name in self.processes:
            self.processes.start(name)
        if not until(self.is_ready, within_s=_UP_WITHIN_S):
            raise BenchError(f"not ready after {_UP_WITHIN_S} s:\n{self.processes.log_tails()}")
        for client in self.clients:
            stack.enter_context(client)

    def _set_up_broker(self, stack: ExitStack) -> None:
        if self.fault.has_own_broker:
            command, url = own_broker(self._broker_kind, self.folder / "broker")
            self.processes.add(command)
            self.broker = {"BROKER_URL": url, "BROKER_QUEUE": "faults"}
        else:
            self.broker = stack.enter_context(broker_settings(self._broker_kind))

    def _environment(self, stack: ExitStack) -> dict[str, str]:
        database_url, target_port = self.database_url, self.target.port
        if self.fault.proxied == "target":
            self.proxy = stack.enter_context(Proxy(target_port, seed=self.fault.name))
            target_port = self.proxy.port
        elif self.fault.proxied == "database":
            self.proxy = stack.enter_context(Proxy(port_of(database_url), seed=self.fault.name))
            database_url = through_port(database_url, self.proxy.port)
        (self.folder / "entities.toml").write_text(self.target.registry(through_port=target_port))
        paths = {"VAR_DIR": str(self.folder), "ENTITIES_FILE": str(self.folder / "entities.toml"), "DATABASE_URL": database_url}
        settings = {**_SETTINGS, "KEYRING": KEY_RING, **self.broker, **self.fault.settings}
        return {**os.environ, **paths, **self.processes.environment, **_texts(settings)}

    def _target_database(self, stack: ExitStack) -> Mapping[str, str]:
        if isinstance(self.target, Things):
            return {}
        folder = self.folder / "users"
        folder.mkdir()
        return {"DATABASE_URL": stack.enter_context(fresh_database(self.database, folder))}

    def is_ready(self) -> bool:
        return all(is_ready(port) for port in self._ports.values()) and self.target.is_up()

    def restart(self, name: str) -> None:
        """Kill a process and all that it started, as -9, and start it again at once."""
        self.processes.kill(name)
        self.processes.start(name)

    def busy_workers(self) -> list[str]:
        """Name the workers that own a chunk at the moment."""
        owners = {owner.rpartition(":")[2] for owner in owners_of_chunks(self.database_url)}
        return [name for name in self.workers if str(self.processes.pid(name)) in owners]

    @property
    def faults_met(self) -> int:
        """How many requests have met the fault that is switched on at the proxy or at the target."""
        if self.proxy is not None:
            return len(self.proxy.hits)
        return sum(entry.kind is Kind.FAULT for entry in self.target.ledger())

    def wait_for_faults(self, count: int) -> None:
        self._wait_for(lambda: self.faults_met, count, "requests that meet the fault")

    def wait_for_items(self, count: int) -> None:
        """Wait until so many more items have a result."""
        self._wait_for(lambda: self.client.finished, count, "results")

    def wait_for_arrivals(self) -> None:
        """Wait until the target is at work."""
        self._wait_for(lambda: self.target.progress, 1, "arrivals at the target")

    def wait_for_acceptance(self) -> None:
        """Wait until another batch has been accepted."""
        self._wait_for(lambda: self.client.accepted, 1, "accepted items")

    def _wait_for(self, measure: Callable[[], int], more: int, what: str) -> None:
        wanted = measure() + more
        if not until(lambda: measure() >= wanted, within_s=_PROGRESS_WITHIN_S, every_s=0.03):
            raise StalledError(f"no {more} more {what} within {_PROGRESS_WITHIN_S:g} s")


def _texts(settings: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in settings.items()}
