"""Marked secrets, and the search for them in whatever a service leaves behind."""

import secrets
import shutil
import subprocess
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs

import sqlalchemy as sa

from servicekit.database import Database

DEBUG_LOGGING = {"PYTHONPATH": str(Path(__file__).parent / "debug_logging"), "PYTHONUNBUFFERED": "1"}


class Canary:
    """Secrets with a mark in common, each naming its place; most have characters that every notation writes differently."""

    def __init__(self) -> None:
        self.mark = f"c4nary{secrets.token_hex(8)}"
        self._traces = dict(_traces(self.mark.encode()))

    def plain(self, place: str) -> str:
        """A secret of letters and digits."""
        return f"{self.mark}-{place}"

    def odd(self, place: str) -> str:
        """A secret with quotes, signs and letters beyond ASCII."""
        return f'{self.mark}-{place}/ü"\\&=%+紅'

    def found_in(self, left: Mapping[str, bytes]) -> list[str]:
        """Name where the mark stands, and in which notation."""
        return [
            f"{name}: {notation}: …{content[max(0, at - 20) : at + 60]!r}"
            for name, content in left.items()
            for notation, trace in self._traces.items()
            if (at := content.find(trace)) >= 0
        ]


def _traces(mark: bytes) -> Iterator[tuple[str, bytes]]:
    yield "raw", mark
    yield "hexadecimal", mark.hex().encode()
    yield "hexadecimal, capitals", mark.hex().upper().encode()
    yield "UTF-16", mark.decode().encode("utf-16-le")
    yield "URL", b"".join(b"%%%02x" % byte for byte in mark)
    yield "URL, capitals", b"".join(b"%%%02X" % byte for byte in mark)
    yield "JSON", b"".join(rb"\u%04x" % byte for byte in mark)
    for shift in range(3):
        for name, encode in (("base64", b64encode), ("base64url", urlsafe_b64encode)):
            # Only the characters that do not depend on what stands before and behind the mark.
            begins, ends = -(-shift * 4 // 3), (shift + len(mark)) // 3 * 4
            yield f"{name}, shifted by {shift}", encode(b"x" * shift + mark)[begins:ends]


def left_in_database(database: Database) -> dict[str, bytes]:
    """Everything a database holds: as files, as its own dump if there is such a program, and as every value of every row."""
    left = {"rows": b"\n".join(_values(database))}
    if database.is_sqlite:
        path = Path(database.url.database or "")
        return left | {file.name: file.read_bytes() for file in path.parent.glob(f"{path.name}*")}
    return left | _dump(database)


def _values(database: Database) -> Iterator[bytes]:
    with database.reading() as connection:
        for name in sa.inspect(connection).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')):
                for value in row:
                    yield bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def _dump(database: Database) -> dict[str, bytes]:
    program = shutil.which("pg_dump")
    if program is None:
        return {}
    options = parse_qs(str(database.url.query.get("options", "")).replace("-csearch_path=", "schema="))
    url = database.url.set(drivername="postgresql", query={}).render_as_string(hide_password=False)
    done = subprocess.run([program, url, "--schema", options["schema"][0]], capture_output=True, check=False, timeout=60)
    return {"pg_dump": done.stdout} if done.returncode == 0 else {}  # one that is older than the server refuses
