"""The benchmark's own parts, end to end: tiny runs whose numbers mean nothing."""

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from benchmarks.connections import ConnectionCount
from benchmarks.rows import all_rows


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc")
def test_a_tiny_run_measures_what_it_was_asked_to(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--tiny", "--target", "users", "--out", str(tmp_path)]
    done = subprocess.run(
        [*command, "--only", "loop", "--only", "job"], capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "latest.json").read_text())
    (table,) = document["tables"]
    assert table["notRun"] == {}
    rows = {row["name"]: row for row in table["rows"]}
    assert set(rows) == {"loop", "job", "job, stored"}
    (loop,) = rows["loop"]["rounds"]
    assert (loop["items"], loop["connections"]) == (10, 10)
    (job,) = rows["job"]["rounds"]
    assert 0 < job["connections"] <= 16
    assert set(job["peak_mib"]) == {"batch", "worker", "target", "client"}
    assert all(mib > 1 for mib in job["peak_mib"].values())
    assert "loop of requests.post" in done.stdout
    assert "loop of requests.post" in (tmp_path / "latest.svg").read_text()


def test_every_row_has_a_name_and_a_place_of_its_own() -> None:
    rows = all_rows()
    assert len({row.name for row in rows}) == len({row.place for row in rows}) == len(rows)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc")
def test_connections_are_counted_whether_they_are_open_still_or_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()

        def accept() -> None:
            for _ in range(4):
                server.accept()[0].close()

        accepting = threading.Thread(target=accept)
        accepting.start()
        with socket.create_connection(address), ConnectionCount(address[1]) as count:
            for _ in range(2):
                socket.create_connection(address).close()
            kept = socket.create_connection(address)
        accepting.join()
        kept.close()
    assert count.opened == 3
