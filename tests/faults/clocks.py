"""One worker whose clock is an hour off: leases are by the database's clock, on SQLite by each process's own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from random import Random

from tests.faults.bench import Bench
from tests.faults.fault import Fault, NotTriedError
from tests.faults.sweeps import kill_one

_HOUR_S = 3600


def _off_by(hours: int) -> Callable[[], Mapping[str, str]]:
    def environment() -> Mapping[str, str]:
        found = find_spec("libfaketime")
        if found is None or found.origin is None:
            raise NotTriedError("there is no libfaketime: pip install libfaketime")
        libraries = list((Path(found.origin).parent / "vendor").rglob("libfaketime*.so.1"))
        off = {"LD_PRELOAD": str(min(libraries, default="")), "FAKETIME": f"{hours:+d}h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        _require_effect(off, hours)
        return off

    return environment


def _require_effect(off: Mapping[str, str], hours: int) -> None:
    ask = [sys.executable, "-c", "import time; print(time.time())"]
    told = subprocess.run(ask, env={**os.environ, **off}, check=False, capture_output=True, text=True)
    if told.returncode != 0 or abs(float(told.stdout) - time.time() - hours * _HOUR_S) > 60:
        raise NotTriedError(f"libfaketime does not work here: {told.stderr.strip() or told.stdout.strip()}")


def run_on(bench: Bench, random: Random) -> None:
    """Kill a worker now and then: what it had must be taken up whatever the clocks say."""
    bench.wait_for_items(60)
    kill_one(bench, random)


FAULTS = (
    Fault(name="one worker's clock an hour ahead", inflict=run_on, workers=2, odd_worker=_off_by(1)),
    Fault(name="one worker's clock an hour behind", inflict=run_on, workers=2, odd_worker=_off_by(-1)),
)
