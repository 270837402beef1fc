"""`batchctl` against a service that runs."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.batch_client.commands.batchctl import COMMAND, Batchctl
from tests.batch_client.terminal import Terminal
from tests.batch_service.processes import BatchService
from tests.batch_service.raw_target import RawTarget

# A process counts as its own what the one that it was forked from held: that one is small.
_MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def command_line(service: BatchService, folder: Path) -> Batchctl:
    return Batchctl(service.url.removesuffix("/v1/batch"), folder)


def on_terminal(batchctl: Batchctl, *arguments: str) -> Terminal:
    return Terminal([*COMMAND, *arguments], folder=batchctl.folder, environment=batchctl.environment)


def rows(count: int, *, bad_every: int = 0) -> str:
    """A table of things; those that are bad have no name."""
    lines = ("," if bad_every and number % bad_every == 0 else f"n{number}," for number in range(count))
    return "name,note\n" + "".join(f"{line}x\n" for line in lines)


def applied(target: RawTarget) -> Counter[str]:
    """How often each thing was created, by its name."""
    return Counter(asked.json()["name"] for asked in list(target.asked))


def peak_kib(batchctl: Batchctl, *arguments: str) -> tuple[int, int]:
    """Run a command; return its exit code, and the most memory that it held."""
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURE, *COMMAND, *arguments],
        cwd=batchctl.folder,
        env=batchctl.environment,
        capture_output=True,
        timeout=300,
        check=True,
    )
    code, kib = map(int, ran.stdout.split())
    return code, kib
