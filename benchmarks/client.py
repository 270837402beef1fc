"""The process that sends: `python -m benchmarks.client CALL_FILE` runs one row once and prints what it took as JSON."""

import importlib
import json
import resource
import sys
import time
from itertools import islice
from pathlib import Path

from benchmarks import processes
from benchmarks.row import Body, Call, Row


def read_bodies(call: Call) -> list[Body]:
    """Read the bodies, before the clock starts."""
    with Path(call.bodies_file).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, call.items)]


def main(file: Path) -> None:
    """Run the row that the call names."""
    call = Call.read(file)
    row: Row = importlib.import_module(f"benchmarks.rows.{call.row}").ROW
    bodies = read_bodies(call) if row.reads_bodies else []
    processes.forget_peaks(processes.own())
    cpu_before, began = _cpu_s(), time.perf_counter()
    sent = row.send(call, bodies)
    took_s = time.perf_counter() - began
    report = {
        "codes": dict(sent.codes),
        "seconds": took_s if sent.seconds is None else sent.seconds,
        "also": dict(sent.also),
        "cpu_s": _cpu_s() - cpu_before,
        "peak_kib": max(processes.peak_kib(processes.own()), sent.also.get("program_peak_kib", 0)),
    }
    print(json.dumps(report))


def _cpu_s() -> float:
    ended_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended_children.ru_utime + ended_children.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1]))
