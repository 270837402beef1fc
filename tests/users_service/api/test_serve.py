"""The real command under gunicorn."""

import importlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from flask import Flask

from tests.users_service.api.users import IMPORTED, keyed

COMMAND = Path(sys.executable).parent / "users-service"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def url(database_url: str) -> Iterator[str]:
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": database_url, "PORT": str(port), "WORKERS": "2", "THREADS": "4"}
    subprocess.run([COMMAND, "migrate"], env=environment, check=True, timeout=60)
    with subprocess.Popen([COMMAND, "serve"], env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0


def wait_until_ready(address: str, *, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            if requests.get(address, timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail(f"{address} did not become ready")


def test_serves(url: str) -> None:
    with requests.Session() as session:
        created = session.post(f"{url}/users", json={"username": "Diego", "passwordHash": IMPORTED}, timeout=10)
        assert created.status_code == 201
        assert session.get(f"{url}{created.headers['Location']}", timeout=10).json() == created.json()
        assert session.head(f"{url}{created.headers['Location']}", timeout=10).content == b""
        gone = session.delete(f"{url}{created.headers['Location']}", timeout=10)
        assert (gone.status_code, gone.content) == (204, b"")
        big = session.post(
            f"{url}/users", data=iter([b"x" * 700_000] * 3), headers={"Content-Type": "application/json"}, timeout=10
        )
        assert big.status_code == 413


@pytest.mark.parametrize("credential", [{"password": "123456"}, {"passwordHash": IMPORTED}], ids=["password", "hash"])
def test_twenty_at_once_over_two_processes_make_one_user(url: str, credential: dict[str, object]) -> None:
    def create(_: int) -> requests.Response:
        body = {"username": "Diego", **credential}
        return requests.post(f"{url}/users", json=body, headers=keyed(), timeout=60)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(create, range(20)))
    assert {(answer.status_code, answer.content, answer.headers["Location"]) for answer in answers} == {
        (201, answers[0].content, answers[0].headers["Location"])
    }
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert len(requests.get(f"{url}/users", timeout=10).json()["users"]) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("value", [b"12345678\r\n 9", b"1234\r5678", b"1234\n5678", b"1234\x005678", b"x" * 256])
def test_a_key_with_a_line_break_on_the_wire(url: str, value: bytes) -> None:
    body = b'{"username":"Diego","password":"123456"}'
    head = b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
    sent = head + b"Content-Length: %d\r\nIdempotency-Key: " % len(body) + value + b"\r\n\r\n" + body
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(sent)
        assert connection.makefile("rb").readline().split()[1] == b"400"
    assert requests.get(f"{url}/users", timeout=10).json()["users"] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_wsgi_server_can_serve_it(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    app = importlib.import_module("users_service.wsgi").app
    assert isinstance(app, Flask)
    assert app.test_client().get("/healthz").status_code == 200
