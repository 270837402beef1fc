"""What /proc says of a process and all that it started: CPU time, peak memory."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_RESET_PEAK = "5"  # proc(5), /proc/pid/clear_refs


def own() -> list[int]:
    """This process alone."""
    return [os.getpid()]


def tree(pid: int) -> list[int]:
    """A process and its living descendants."""
    found = [pid]
    for parent in found:
        for children in _PROC.glob(f"{parent}/task/*/children"):
            with suppress(OSError):
                found.extend(int(child) for child in children.read_text().split())
    return found


def cpu_s(pids: Iterable[int]) -> float:
    """CPU seconds, user and system, that the processes and their ended children have used."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            # The name, in brackets, may hold anything; utime is the 14th field, and the state after the name the third.
            fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICKS_PER_S


def forget_peaks(pids: Iterable[int]) -> None:
    """Let the peak memory begin at what is in use now."""
    for pid in pids:
        with suppress(OSError):
            (_PROC / str(pid) / "clear_refs").write_text(_RESET_PEAK)


def peak_kib(pids: Iterable[int]) -> int:
    """The peak resident memory of the largest of the processes."""
    peaks = [0]
    for pid in pids:
        with suppress(OSError):
            status = (_PROC / str(pid) / "status").read_text()
            peaks += [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")]
    return max(peaks)
