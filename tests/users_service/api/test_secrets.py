"""Marked passwords through every door of the users service: neither its database nor its log at DEBUG holds one of them."""

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from servicekit.database import Database
from tests.canary import DEBUG_LOGGING, Canary, left_in_database
from tests.users_service.api.test_serve import COMMAND, free_port, wait_until_ready


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def url(database_url: str, log: Path) -> Iterator[str]:
    port = free_port()
    environment = {**os.environ, **DEBUG_LOGGING, "DATABASE_URL": database_url, "PORT": str(port), "ARGON2_TIME_COST": "2"}
    with log.open("wb") as said:
        subprocess.run([COMMAND, "migrate"], env=environment, check=True, timeout=60, stderr=said)
        with subprocess.Popen([COMMAND, "serve"], env=environment, stdout=said, stderr=said) as process:
            try:
                wait_until_ready(f"http://127.0.0.1:{port}/readyz")
                yield f"http://127.0.0.1:{port}"
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=60) == 0


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def test_no_password_is_left_anywhere(url: str, log: Path, database_url: str) -> None:
    canary = Canary()
    with requests.Session() as session:

        def send(method: str, path: str, body: object, *codes: int, headers: dict[str, str] | None = None) -> requests.Response:
            response = session.request(method, f"{url}{path}", json=body, headers=headers, timeout=30)
            assert response.status_code in codes, response.text
            assert canary.found_in({"answer": response.content}) == []
            return response

        one = {"username": "Diego", "password": canary.odd("create")}
        same = key()
        created = send("POST", "/users", one, 201, headers=same)
        send("POST", "/users", one, 201, headers=same)
        send("POST", "/users", {**one, "password": canary.odd("another")}, 422, headers=same)
        send("POST", "/users", one, 409, headers=key())
        send("POST", "/users", {**one, "pass": canary.mark}, 400)
        send("POST", "/users", [one], 400)
        send("POST", "/v2/users", [{**one, "username": "Two"}], 200)
        items = [
            {"idempotencyKey": key()["Idempotency-Key"], "body": {**one, "username": name}} for name in ("Ana", "Bao", "Ana")
        ]
        for _ in range(2):
            send("POST", "/users/batch", items, 200)
        user = f"/users/{created.json()['userId']}"
        send("PATCH", user, {"password": canary.odd("change")}, 200, headers=key())
        send("PUT", user, {"username": "Diego", "password": canary.odd("replace")}, 200, headers=key())
        send("POST", f"{user}/password-check", {"password": canary.odd("replace")}, 204)
        send("POST", f"{user}/password-check", {"password": canary.odd("wrong")}, 403)
        broken = session.post(
            f"{url}/users", data=f'{{"password": "{canary.mark}', headers={"Content-Type": "application/json"}
        )
        assert broken.status_code == 400
    database = Database(database_url)
    left = {**left_in_database(database), "log": log.read_bytes()}
    database.dispose()
    assert b"INSERT INTO users" in left["log"], "nothing was logged at DEBUG"
    assert b"Diego" in left["rows"]
    assert canary.found_in(left) == []
