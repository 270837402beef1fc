"""What holds every answer of the tests to the contract does notice."""

import json
from typing import Any

import pytest

from tests.checked_answers import OffContractError, check

ID = {"X-Request-Id": "1"}
JSON = {**ID, "Content-Type": "application/json"}
PROBLEM = {**ID, "Content-Type": "application/problem+json"}
USER: dict[str, Any] = {
    "userId": "01a204f5-7c74-71e9-9bf8-b90931cf6bb0",
    "username": "Diego",
    "email": None,
    "displayName": "Diego",
    "locale": "en",
    "metadata": {},
    "createdAt": "2026-11-22T19:51:42.123Z",
    "updatedAt": "2026-11-22T19:51:42.123Z",
}
ADDRESS = "http://127.0.0.1:1/v1/users/7"


def body(**changes: Any) -> bytes:
    return json.dumps({**USER, **changes}).encode()


@pytest.mark.parametrize("address", [ADDRESS, "/users/7", "/v2/users/7"])
def test_what_the_contract_says_passes(address: str) -> None:
    check("GET", address, 200, {**JSON, "ETag": '"1"'}, body())
    check("DELETE", address, 204, ID, b"")
    check("GET", address, 200, {**JSON, "ETag": '"1"'}, None)


@pytest.mark.parametrize(
    ("status", "headers", "sent", "fault"),
    [
        (418, JSON, body(), "does not declare"),
        (200, {**ID, "Content-Type": "text/html"}, b"<html>", "as text/html"),
        (200, {"Content-Type": "application/json"}, body(), "with X-Request-Id|with x-request-id"),
        (200, {**JSON, "X-Powered-By": "gears"}, body(), "without x-powered-by"),
        (200, JSON, body(username=7), "'username'"),
        (200, JSON, body(userId="7"), "'userId'"),
        (200, JSON, body(createdAt="yesterday"), "'createdAt'"),
        (200, JSON, body(passwordHash="x"), "passwordHash"),
        (200, JSON, b"{}", "required"),
        (304, ID, b"{}", "as nothing"),
        (404, PROBLEM, b"{}", "required"),
        (503, PROBLEM, None, "retry-after"),
    ],
)
def test_what_it_does_not_say_is_noticed(status: int, headers: dict[str, str], sent: bytes, fault: str) -> None:
    with pytest.raises(OffContractError, match=fault):
        check("GET", ADDRESS, status, headers, sent)


@pytest.mark.parametrize("address", ["/healthz", "/v1/things/7", "/users/7/nothing", "/v1/userssome", "/v3/users"])
def test_what_no_contract_describes_is_left_alone(address: str) -> None:
    check("GET", address, 418, {}, b"")
