"""A program that a row runs: its output, and its peak memory while it lives."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes

_LOOK_EVERY_S = 0.05
_LIMIT_S = 600.0


@dataclass(frozen=True, slots=True)
class Done:
    """What has become of a program."""

    output: str
    peak_kib: int


def run_program(arguments: Sequence[str | Path]) -> Done:
    """Run a program to its end; raise CalledProcessError or TimeoutExpired if that is no good one."""
    peak_kib, looks = 0, int(_LIMIT_S / _LOOK_EVERY_S)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as program:
        for _ in range(looks):
            try:
                output, _none = program.communicate(timeout=_LOOK_EVERY_S)
            except subprocess.TimeoutExpired:
                peak_kib = max(peak_kib, processes.peak_kib([program.pid]))
                continue
            if program.returncode != 0:
                raise subprocess.CalledProcessError(program.returncode, arguments[0], output)
            return Done(output, peak_kib)
        program.kill()
    raise subprocess.TimeoutExpired(arguments[0], _LIMIT_S)
