"""The key ring: master keys in a file that its owner alone may read, or in the environment; the last one is the newest."""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from batch_service.adapters.master_key import MasterKey
from batch_service.domain.errors import KeyRingError

LOOK_EVERY_S = 1.0
_FOR_OTHERS = 0o077


class FixedKeyRing:
    """A ring that stays as it is for as long as the process lives: that of the environment."""

    def __init__(self, text: str, *, named: str = "KEYRING") -> None:
        self._keys = _parse(text, named=named)
        self._named = named

    def keys(self, *, fresh: bool = False) -> Sequence[MasterKey]:
        """Return the keys, the newest last."""
        return self._keys

    def ids(self) -> list[str]:
        """Return the ids of the keys, the newest last."""
        return [key.id for key in self.keys()]

    def create(self) -> bool:
        """There is a ring already."""
        return False

    def add(self) -> str:
        """A process cannot change its starter's environment."""
        raise KeyRingError(
            f"{self._named} is in the environment: add a key at its end (`batch-service keyring new` makes one), start every "
            "process again, and then run `keyring rotate --no-add`."
        )

    def remove(self, key_id: str) -> None:
        """Whoever sets the environment takes it out, now that nothing needs it."""


class FileKeyRing:
    """A ring in a file, read again when the file has changed; it is replaced whole, so that nobody reads half of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._keys: Sequence[MasterKey] = ()
        self._seen: tuple[int, int, int] | None = None
        self._looked_at = float("-inf")

    def keys(self, *, fresh: bool = False) -> Sequence[MasterKey]:
        """Return the keys, the newest last; `fresh` looks at the file even if that was done a moment ago."""
        now = time.monotonic()
        if fresh or now - self._looked_at >= LOOK_EVERY_S:
            self._read()
            self._looked_at = now
        return self._keys

    def ids(self) -> list[str]:
        """Return the ids of the keys, the newest last."""
        return [key.id for key in self.keys(fresh=True)]

    def create(self) -> bool:
        """Make the file with one key if there is none; say whether it was made."""
        with self._changing():
            if self.path.exists():
                return False
            self._write([MasterKey.new()])
            return True

    def add(self) -> str:
        """Add a key and return its id."""
        with self._changing():
            new = MasterKey.new()
            self._write([*self.keys(fresh=True), new])
            return new.id

    def remove(self, key_id: str) -> None:
        """Take a key out."""
        with self._changing():
            self._write([key for key in self.keys(fresh=True) if key.id != key_id])

    def _read(self) -> None:
        try:
            with self.path.open("rb") as file:
                found = os.fstat(file.fileno())
                version = (found.st_ino, found.st_mtime_ns, found.st_size)
                if version == self._seen:
                    return
                if found.st_mode & _FOR_OTHERS:
                    raise KeyRingError(f"Others than its owner may read or change the key ring {self.path}: chmod 600 it.")
                self._keys = _parse(file.read().decode(errors="replace"), named=str(self.path))
                self._seen = version
        except FileNotFoundError:
            raise KeyRingError(
                f"There is no key ring at {self.path} (KEYRING_FILE). `batch-service migrate` makes one for a new database; "
                "bring the one that this database is sealed under otherwise."
            ) from None
        except OSError as error:
            raise KeyRingError(f"The key ring {self.path} cannot be read: {error.strerror}.") from None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep others from changing the ring meanwhile: by a lock on its folder, since the file itself is replaced."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise KeyRingError(f"The key ring {self.path} cannot be written: {error.strerror}.") from None

    def _write(self, keys: Sequence[MasterKey]) -> None:
        new = self.path.with_name(f"{self.path.name}.new")
        new.unlink(missing_ok=True)  # of a process that was killed
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{key.render()}\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())  # before anything is sealed under what is in it
        new.replace(self.path)
        self._looked_at = float("-inf")


Ring = FixedKeyRing | FileKeyRing


def open_key_ring(text: str | None, path: Path) -> Ring:
    """Return the ring of the environment, if there is one, or that of a file; raise KeyRingError if the former is no ring."""
    return FileKeyRing(path) if text is None else FixedKeyRing(text)


def _parse(text: str, *, named: str) -> list[MasterKey]:
    keys: list[MasterKey] = []
    for number, word in enumerate(text.split(), 1):
        try:
            keys.append(MasterKey.parse(word))
        except ValueError as error:
            raise KeyRingError(f"{named}: key {number} is none; {error}.") from None
    if not keys:
        raise KeyRingError(f"{named} holds no key.")
    if len({key.id for key in keys}) != len(keys):
        raise KeyRingError(f"{named}: two keys have one id.")
    return keys
