"""The benchmark's own parts, end to end: tiny runs whose numbers mean nothing."""

import json
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from benchmarks import nginx
from benchmarks.children import child
from benchmarks.connections import AcceptLog, NginxStatus
from benchmarks.in_process.install import BASSMASTER, install_bassmaster
from benchmarks.rows import all_rows
from local_stack.ports import free_port

_ECHO_SERVER = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    while True:
        with server.accept()[0] as connection:
            connection.sendall(connection.recv(1))
"""


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


def test_every_connection_is_counted_however_short_it_was(tmp_path: Path) -> None:
    port, log = free_port(), AcceptLog(tmp_path / "accepted")
    program = [sys.executable, "-c", _ECHO_SERVER, str(port)]
    with child(program, log=tmp_path / "log", port=port, environment=log.environment):
        _exchange_and_reset(port)  # once it is answered, the connection that found the port open was accepted too
        before = log.accepted(port)
        for _ in range(300):
            _exchange_and_reset(port)
        assert log.accepted(port) - before == 300


def _exchange_and_reset(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        # Reset and not closed: the kernel keeps nothing of it.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(b"?")
        assert connection.recv(1) == b"?"


def test_nginx_says_how_many_connections_it_accepted_and_not_those_that_asked(tmp_path: Path) -> None:
    program, port = nginx.find(), free_port()
    if program is None:
        pytest.skip("nginx is not installed")
    with child(nginx.arguments(program, tmp_path, port), log=tmp_path / "log", port=port):
        status = NginxStatus(f"http://127.0.0.1:{port}{nginx.STATUS_PATH}")
        before = status.accepted()
        for _ in range(3):
            assert requests.post(f"http://127.0.0.1:{port}/v1/users", timeout=10).status_code == 201
        assert status.accepted() - before == 3


def test_what_cannot_be_installed_is_a_reason_and_no_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert install_bassmaster() == "node and npm are not installed (apt-get install nodejs npm)"


def test_the_lock_of_the_node_packages_names_no_registry() -> None:
    lock = json.loads((BASSMASTER / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages)
