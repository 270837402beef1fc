"""Run one row once, in a process of its own, and look at what it cost everybody."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks import processes
from benchmarks.bodies import Bodies
from benchmarks.children import CHECKOUT
from benchmarks.row import Beside, Call, Row
from benchmarks.target import Target
from benchmarks.world import CONNECTIONS, World

COLUMNS = ("batch", "worker", "target", "client")
_LIMIT_S = 3600.0


class RowError(Exception):
    """A row did not do what it was to do; its numbers would mean nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of a row took; CPU in microseconds an item, memory in MiB, by column."""

    items: int
    seconds: float
    cpu_us: Mapping[str, float]
    peak_mib: Mapping[str, float]
    connections: int
    also: Mapping[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.items / self.seconds


@dataclass(frozen=True, slots=True)
class Measurer:
    """Runs rows in one world."""

    world: World
    bodies: Bodies
    seconds: float
    """For rows that are told a time."""

    def call(self, target: Target, row: Row, items: int, file: Path = Path()) -> Call:
        """What the row is told."""
        return Call(
            row=row.name,
            url=self.world.places[target.name].url,
            batch_url=self.world.stack.batch_url,
            entity=target.name + row.lane,
            bodies_file=str(file),
            items=items,
            connections=CONNECTIONS,
            seconds=self.seconds,
            folder=str(self.world.folder),
        )

    def __call__(self, target: Target, row: Row, items: int, *, first: bool) -> Measured:
        """Run the row; raise RowError where it fails, or an item does.

        The first time the batch service has just started: its connections and its memory are those of this row.
        """
        written = self.bodies.write(items if row.reads_bodies else 0, passwords=target.passwords)
        call = self.call(target, row, items, written)
        place = self.world.places[target.name]
        with ExitStack() as exits:
            before_start = place.accepted()
            if row.uses_batch and first:
                self.world.start_batch_again(call.entity)
            beside = exits.enter_context(row.beside(call)) if row.beside else Beside({})
            accepted = beside.accepted or place.accepted
            opened = beside.accepted() if beside.accepted else before_start
            shared = self.world.pids if row.uses_batch else {}
            trees = {column: processes.tree(pid) for column, pid in {**shared, "target": place.pid, **beside.pids}.items()}
            for pids in trees.values():
                processes.forget_peaks(pids)
            before = {column: processes.cpu_s(pids) for column, pids in trees.items()}
            report = _run_client(replace(call, beside=beside.told), self.world.folder)
            cpu_s = {column: processes.cpu_s(pids) - before[column] for column, pids in trees.items()}
            peaks_kib = {column: processes.peak_kib(pids) for column, pids in trees.items()}
            connections = accepted() - opened
        codes = {int(code): number for code, number in report["codes"].items()}
        if set(codes) != {201}:
            raise RowError(f"not every item was created: {codes}")
        return Measured(
            items=codes[201],
            seconds=report["seconds"],
            cpu_us={column: s / codes[201] * 1e6 for column, s in {**cpu_s, "client": report["cpu_s"]}.items()},
            peak_mib={column: kib / 1024 for column, kib in {**peaks_kib, "client": report["peak_kib"]}.items()},
            connections=connections,
            also=report["also"],
        )


def _run_client(call: Call, folder: Path) -> dict[str, Any]:
    file = folder / "call.json"
    file.write_text(json.dumps(asdict(call)))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.client", str(file)],
            cwd=CHECKOUT,
            env=os.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise RowError(f"not ended after {_LIMIT_S:.0f} s") from None
    except subprocess.CalledProcessError as error:
        raise RowError((error.stderr.strip().splitlines() or [f"status {error.returncode}"])[-1]) from None
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report
