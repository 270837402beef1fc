"""Killed at the n-th fsync: at every boundary at which something becomes durable, and just before the answer about it."""

import shutil
import subprocess
from pathlib import Path
from random import Random

from tests.faults.bench import Bench, StalledError
from tests.faults.fault import Fault, NotTriedError
from tests.faults.submitter import until

_LATEST = 40
_DEAD_WITHIN_S = 30.0


def kill_at_fsync(bench: Bench, random: Random) -> None:
    """Have strace kill the process that writes, the API's or the worker, as it enters one of its next fsyncs."""
    strace = shutil.which("strace")
    if strace is None:
        raise NotTriedError("strace is not installed")
    name = random.choice(["api", "worker"])
    pid = _writer(bench, name)
    kill = f"inject=fsync,fdatasync:signal=SIGKILL:when={random.randint(1, _LATEST)}"
    options = ["-f", "-qq", "-o", str(bench.folder / "strace.log"), "-e", "trace=fsync,fdatasync", "-e", kill]
    with subprocess.Popen([strace, *options, "-p", str(pid)], stderr=subprocess.PIPE, text=True) as tracing:
        died = until(lambda: _is_dead(pid), within_s=_DEAD_WITHIN_S)
        tracing.kill()  # it may outlive what it traced, and heed no other signal then
        said = tracing.communicate()[1]
    if "not permitted" in said:
        raise NotTriedError(f"strace may not trace here: {said.strip()}")
    if not died:
        raise StalledError(f"no {_LATEST} fsyncs of the {name} within {_DEAD_WITHIN_S:g} s: {said.strip()}")
    bench.restart(name)


def _is_dead(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def _writer(bench: Bench, name: str) -> int:
    """Of the API it is gunicorn's one worker, once it has been started."""
    pid = bench.processes.pid(name)
    if name != "api":
        return pid
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists() or not until(lambda: children.read_text().split(), within_s=_DEAD_WITHIN_S):
        raise NotTriedError("this system does not tell the children of a process")
    return int(children.read_text().split()[0])


FAULTS = (Fault(name="killed at the n-th fsync", inflict=kill_at_fsync, kills=True, databases=("sqlite",), brokers=("none",)),)
