"""A small file system of its own for a database, and a file that fills it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.faults.fault import NotTriedError

_FILLER = "filler"
_PIECE = bytes(4096)


@contextmanager
def small_disk(folder: Path, *, bytes: int) -> Iterator[Path]:  # noqa: A002 - its unit
    """Mount a tmpfs of so many bytes for as long as the block lasts."""
    folder.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={bytes}", "tmpfs", str(folder)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotTriedError(f"no small file system can be mounted: {error}") from None
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Take every byte that is left."""
    descriptor = os.open(folder / _FILLER, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        with suppress(OSError):
            while True:
                os.write(descriptor, _PIECE)
    finally:
        os.close(descriptor)


def free(folder: Path) -> None:
    (folder / _FILLER).unlink()
