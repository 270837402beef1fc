"""What the API tests say again and again."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BCRYPT = "$2b$10$IHB1ltsFwaXxQWTh9YD4eObgIFPAZ2gbUSHbZ.OpDiUdIyX2F55Zi"  # of 123456
IMPORTED = {"algorithm": "bcrypt", "value": BCRYPT}


def created(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    """Create a user and return what the service answered."""
    response = client.post("/v1/users", json={"username": "Diego", "passwordHash": IMPORTED, **fields})
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.get_json()
    return body


def assert_problem(response: TestResponse, status: int, code: str, *pointers: str) -> dict[str, Any]:
    """Check that an answer is this problem, with exactly these pointers."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    body: dict[str, Any] = response.get_json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["error"] == body["detail"]
    assert [fault["pointer"] for fault in body["errors"]] == list(pointers)
    return body


def keyed(key: str = "import-7:row-12", **headers: str) -> dict[str, str]:
    """Headers of a call with an idempotency key."""
    return {"Idempotency-Key": key, **{name.replace("_", "-"): value for name, value in headers.items()}}


def assert_replayed(again: TestResponse, first: TestResponse) -> None:
    """Check that an answer is an earlier one, byte for byte, and says so."""
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.data) == (first.status_code, first.data)
    own = {"X-Request-Id", "Idempotent-Replayed"}
    assert {header for header in again.headers if header[0] not in own} == {
        header for header in first.headers if header[0] not in own
    }
