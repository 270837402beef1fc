"""How throughput grows: `python -m benchmarks.fleet` runs jobs over 1 to 64 connections, and with 1 to 8 workers.

The target is a static nginx behind the delaying proxy, so that the way is long and nothing at its end is slow. A job's rate is
its items over the time from `startedAt` to `finishedAt`. It takes about three minutes; the batch
service is on SQLite, or on `BATCH_DATABASE_URL`.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Self

import click

from batch_client import BatchClient
from benchmarks import children, curve, nginx
from benchmarks.curve import Curve
from local_stack import stop_request
from local_stack.ports import free_port
from local_stack.services import Services
from local_stack.supervisor import Stack

CONNECTIONS = (1, 2, 4, 8, 16, 32, 64)
WORKERS = (1, 2, 4, 8)
# A short job is to have chunks for eight workers, each of which takes several at once; the default is 500.
_CHUNK_ITEMS = 100
_LIMIT_S = 120.0
_START_S = 1.5


class Fleet:
    """A batch service, some workers, and a target that is far away."""

    def __init__(self, folder: Path, *, delay_ms: int, program: str) -> None:
        self._folder = folder
        self._delay_ms = delay_ms
        self._program = program
        self._ports = {"nginx": free_port(), "far": free_port()}
        registry = folder / "entities.toml"
        registry.write_text("\n".join(_entity(number, self._ports["far"]) for number in CONNECTIONS))
        self._environment = {"ENTITIES_FILE": str(registry), "CHUNK_ITEMS": str(_CHUNK_ITEMS)}

    @contextmanager
    def running(self, number: int) -> Iterator[Self]:
        """Run it with one worker; every round has a database of its own."""
        nginx_port, far_port = self._ports["nginx"], self._ports["far"]
        with ExitStack() as exits:
            server = nginx.arguments(self._program, self._folder, nginx_port)
            exits.enter_context(children.child(server, log=self._folder / "nginx.log", port=nginx_port))
            proxy = children.module("benchmarks.delay_proxy", far_port, nginx_port, self._delay_ms / 2)
            exits.enter_context(children.child(proxy, log=self._folder / "proxy.log", port=far_port))
            database = os.environ.get("BATCH_DATABASE_URL")
            var_dir = self._folder / f"var-{number}"
            stack = exits.enter_context(Stack(var_dir=var_dir, batch_database_url=database, env=self._environment))
            stack.wait_ready()
            self._services = Services(
                var_dir=stack.var_dir.path,
                users_port=stack.users_port,
                batch_port=stack.batch_port,
                batch_database_url=database,
                extra=self._environment,
            )
            self._client = exits.enter_context(BatchClient(stack.batch_url))
            self._exits, self._workers = exits, 1
            yield self

    def add_workers(self, up_to: int) -> None:
        """Start workers, each a process of its own, until there are so many."""
        began, missing = time.monotonic(), up_to - self._workers
        while self._workers < up_to:
            self._workers += 1
            command = self._services.batch(f"worker {self._workers}", "worker")
            log = self._folder / f"worker-{self._workers}.log"
            self._exits.enter_context(children.child(command.arguments, log=log, environment=command.environment))
        # A worker does not say when it is ready; jobs meanwhile have those that are open their connections.
        while missing and time.monotonic() - began < _START_S * missing:
            self.rate(CONNECTIONS[-1], up_to * _CHUNK_ITEMS)

    def rate(self, connections: int, items: int) -> float:
        """Run a job; return its items a second."""
        bodies = [{"n": number} for number in range(items)]
        job = self._client.submit_job(f"over-{connections}", [{"method": "POST", "body": body} for body in bodies])
        status = job.wait(timeout_s=_LIMIT_S)
        assert status.counts["succeeded"] == items, status.counts
        assert status.started_at is not None
        assert status.finished_at is not None
        began, ended = (datetime.fromisoformat(moment) for moment in (status.started_at, status.finished_at))
        return items / (ended - began).total_seconds()


def _entity(connections: int, port: int) -> str:
    url = f"http://{children.HOST}:{port}/v1/users"
    return f'[entities.over-{connections}]\nurl = "{url}"\nconcurrency = {connections}\nidempotent_writes = true\n'


def measure(fleet: Fleet, *, seconds: float, rounds: int, round_trip_s: float) -> tuple[Curve, Curve]:
    """Measure every point so many times, in rounds; a job has the items that connections alone would let take `seconds`."""
    by_connections = Curve("connections", "connections, one worker", {number: [] for number in CONNECTIONS})
    by_workers = Curve("workers", f"workers, {CONNECTIONS[-1]} connections", {number: [] for number in WORKERS})

    def measure_point(running: Fleet, found: Curve, point: int, *, connections: int) -> None:
        found.points[point].append(running.rate(connections, max(1, round(connections / round_trip_s * seconds))))
        click.echo(f"{point} {found.title}: {found.points[point][-1]:,.0f} items/s", err=True)

    for number in range(rounds):
        with fleet.running(number) as running:
            for connections in CONNECTIONS:
                measure_point(running, by_connections, connections, connections=connections)
            for workers in WORKERS:
                running.add_workers(workers)
                measure_point(running, by_workers, workers, connections=CONNECTIONS[-1])
    return by_connections, by_workers


@click.command()
@click.option("--seconds", type=click.FloatRange(0.1, 60), default=3.0, show_default=True, help="A point, at the least.")
@click.option("--rounds", type=click.IntRange(1, 20), default=2, show_default=True)
@click.option("--delay-ms", type=click.IntRange(2, 1000), default=50, show_default=True, help="The round trip to the target.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=children.CHECKOUT / "benchmarks" / "results",
    show_default=False,
)
def main(*, seconds: float, rounds: int, delay_ms: int, out: Path) -> None:
    """Measure how throughput grows with connections and with workers; print it, and write fleet.json and fleet.svg."""
    program = nginx.find()
    if program is None:
        raise click.ClickException("nginx is not installed (apt-get install nginx-light)")
    stop_request.listen(None)
    round_trip_s = delay_ms / 1000
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        fleet = Fleet(Path(folder), delay_ms=delay_ms, program=program)
        by_connections, by_workers = measure(fleet, seconds=seconds, rounds=rounds, round_trip_s=round_trip_s)
    limits = {number: number / round_trip_s for number in CONNECTIONS}
    for found in (by_connections, by_workers):
        click.echo(f"\n{found.title:>24}  items/s  (min-max)  of what {delay_ms} ms a request allow")
        for number, rates in found.points.items():
            limit = limits[number if found is by_connections else CONNECTIONS[-1]]
            share = f"{median(rates) / limit:.0%}"
            click.echo(f"{number:>24}  {median(rates):7,.0f}  ({min(rates):,.0f}-{max(rates):,.0f})  {share}")
    out.mkdir(parents=True, exist_ok=True)
    document = {"roundTripMs": delay_ms, "rounds": rounds, "cores": os.cpu_count()}
    points = {
        found.name: {str(number): rates for number, rates in found.points.items()} for found in (by_connections, by_workers)
    }
    (out / "fleet.json").write_text(json.dumps({**document, **points}, indent=1) + "\n", "utf-8")
    curve.write(out / "fleet.svg", [by_connections, by_workers], limits=[limits, dict.fromkeys(WORKERS, limits[64])])
    click.echo(f"\nWritten: {out / 'fleet.json'}, {out / 'fleet.svg'}")


if __name__ == "__main__":
    sys.exit(main())
