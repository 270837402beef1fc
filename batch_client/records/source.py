"""Where records come from: a file, or the standard input, which is kept so that it can be read again."""

import gzip
import io
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self, cast

from batch_client.records.record import RecordsError

STDIN = "-"
_GZIP = b"\x1f\x8b"
Watch = Callable[[int], None]


class Source:
    """Bytes that can be read from the beginning as often as one likes, unpacked where they are gzip."""

    def __init__(self, name: str) -> None:
        self.name = "standard input" if name == STDIN else name
        self._path = None if name == STDIN else Path(name)
        self._kept: IO[bytes] | None = None
        try:
            if self._path is None:
                self._kept = _keep(sys.stdin.buffer)
            elif not stat.S_ISREG(self._path.stat().st_mode):
                with self._path.open("rb") as pipe:
                    self._kept = _keep(pipe)
        except OSError as error:
            raise RecordsError(f"{self.name} cannot be read: {error.strerror}.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._kept is not None:
            self._kept.close()

    @property
    def size(self) -> int:
        """How many bytes there are, packed as they are."""
        with self._packed() as file:
            return file.seek(0, io.SEEK_END)

    @contextmanager
    def open(self, watch: Watch = lambda _: None) -> Iterator[IO[bytes]]:
        """Read from the beginning; `watch` is told, now and then, how many of the `size` bytes were taken.

        Raises:
            RecordsError: the file is not there, or is not the gzip that it seems to be.
        """
        with self._packed() as file:
            is_packed = file.read(2) == _GZIP
            file.seek(0)
            raw = io.BufferedReader(_Watched(file, watch), 256 * 1024)
            try:
                yield cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if is_packed else raw
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise RecordsError(f"{self.name} is no whole gzip file: {error}.") from None

    @contextmanager
    def _packed(self) -> Iterator[IO[bytes]]:
        if self._kept is not None:
            self._kept.seek(0)
            yield self._kept
            return
        assert self._path is not None
        try:
            file = self._path.open("rb")
        except OSError as error:
            raise RecordsError(f"{self.name} cannot be read: {error.strerror}.") from None
        with file:
            yield file


class _Watched(io.RawIOBase):
    """Passes bytes on, and says how many; the file under it stays open."""

    def __init__(self, file: IO[bytes], watch: Watch) -> None:
        self._file = file
        self._watch = watch

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._watch(self._file.tell())
        return len(data)


def _keep(stream: IO[bytes]) -> IO[bytes]:
    """Copy a stream to a file without a name, which nobody else can open and which is gone when it is closed."""
    kept = tempfile.TemporaryFile()  # noqa: SIM115 - whoever opened the source closes it
    shutil.copyfileobj(stream, kept, 1024 * 1024)
    return kept
