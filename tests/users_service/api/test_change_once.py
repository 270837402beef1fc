"""`Idempotency-Key` on `PATCH`, `PUT` and `DELETE`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.users_service.api.users import IMPORTED, assert_problem, assert_replayed, created, keyed
from users_service.bootstrap import Services

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "patch": ("PATCH", {"json": {"displayName": "D", "metadata": {"a": 1}}}),
    "patch with a password": ("PATCH", {"json": {"password": "new"}}),
    "put": ("PUT", {"json": {"username": "Zoe", "email": "zoe@example.org"}}),
    "put with a password": ("PUT", {"json": {"username": "Zoe", "password": "new"}}),
    "delete": ("DELETE", {}),
}
OTHERS: dict[str, list[dict[str, Any]]] = {
    "patch": [
        {"json": {"displayName": "E", "metadata": {"a": 1}}},
        {"json": {"displayName": "D"}},
        {"json": {"displayName": "D", "metadata": {"a": 1}, "email": None}},
        {"json": {"displayName": "D", "metadata": {"a": 1}, "password": "new"}},
    ],
    "patch with a password": [{"json": {"password": "another"}}, {"json": {}}],
    "put": [{"json": {"username": "Zoe"}}, {"json": {"username": "Zoe", "email": "z@example.org"}}],
    "put with a password": [{"json": {"username": "Zoe", "password": "another"}}, {"json": {"username": "Zoe"}}],
    "delete": [],
}
every_call = pytest.mark.parametrize("name", CALLS)


def sender(client: FlaskClient, name: str, user_id: str, key: str = "import-7:row-12") -> Callable[..., TestResponse]:
    """Return what sends a call, or that call with another payload or other headers."""
    method, body = CALLS[name]

    def send(headers: dict[str, str] | None = None, **other: Any) -> TestResponse:
        return client.open(f"/users/{user_id}", method=method, headers=keyed(key, **headers or {}), **(other or body))

    return send


def stored(services: Services) -> list[Any]:
    with services.database.reading() as connection:
        return list(connection.execute(sa.text("SELECT username, version, password_hash FROM users ORDER BY id")))


@every_call
def test_the_same_call_changes_nothing_more(client: FlaskClient, services: Services, name: str) -> None:
    send = sender(client, name, created(client)["userId"])
    first = send()
    assert first.status_code == (204 if name == "delete" else 200), first.text
    after = stored(services)
    assert_replayed(send(), first)
    assert stored(services) == after


@every_call
def test_the_first_answer_outlives_other_changes(client: FlaskClient, services: Services, name: str) -> None:
    user_id = created(client)["userId"]
    send = sender(client, name, user_id)
    first = send()
    client.patch(f"/users/{user_id}", json={"username": "Ana", "password": "third", "metadata": {"a": None}})
    after = stored(services)
    assert_replayed(send(), first)
    assert stored(services) == after
    client.delete(f"/users/{user_id}")
    assert_replayed(send(), first)
    assert stored(services) == []


@every_call
def test_another_payload_is_refused(client: FlaskClient, services: Services, name: str) -> None:
    send = sender(client, name, created(client)["userId"])
    assert send({"If_Match": '"1"'}).status_code in (200, 204)
    after = stored(services)
    for other in OTHERS[name]:
        assert_problem(send({"If_Match": '"1"'}, **other), 422, "idempotency_key_reused")
    for condition in ({}, {"If_Match": '"2"'}, {"If_Match": '"1", "2"'}):
        assert_problem(send(condition), 422, "idempotency_key_reused")
    assert stored(services) == after


@every_call
def test_a_condition_that_held_still_holds_for_the_same_call(client: FlaskClient, name: str) -> None:
    send = sender(client, name, created(client)["userId"])
    first = send({"If_Match": '"7", "1"'})
    assert first.status_code in (200, 204)
    assert_replayed(send({"If_Match": '"1","7"'}), first)


def test_a_change_that_changed_nothing_is_not_applied_later(client: FlaskClient) -> None:
    path = f"/users/{created(client)['userId']}"
    first = client.patch(path, json={"email": None}, headers=keyed())
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    client.patch(path, json={"email": "diego@example.org"})
    assert_replayed(client.patch(path, json={"email": None}, headers=keyed()), first)
    assert client.get(path).get_json()["email"] == "diego@example.org"


@every_call
def test_a_refusal_is_not_kept(client: FlaskClient, name: str) -> None:
    user = created(client)
    send = sender(client, name, user["userId"])
    assert_problem(send({"If_Match": '"2"'}), 412, "precondition_failed")
    if name != "delete":
        created(client, username="Ana")
        assert_problem(send(json={"username": "ana"}), 409, "username_taken", "/username")
        assert send(json={"username": 5}).status_code == 400
    answer = send()
    assert answer.status_code in (200, 204)
    assert_replayed(send(), answer)


def test_metadata_that_outgrows_its_limit_is_not_kept(client: FlaskClient) -> None:
    path = f"/users/{created(client, metadata={'a': 'x' * 10_000})['userId']}"
    grown = {"json": {"metadata": {"b": "x" * 10_000}}, "headers": keyed()}
    assert_problem(client.patch(path, **grown), 400, "invalid_field", "/metadata")
    client.patch(path, json={"metadata": {"a": None}})
    first = client.patch(path, **grown)
    assert first.status_code == 200
    client.patch(path, json={"metadata": {"a": "x" * 6_000}})
    assert_replayed(client.patch(path, **grown), first)


def test_a_user_who_is_not_there_yet_takes_no_key(client: FlaskClient, services: Services) -> None:
    for name in CALLS:
        assert_problem(sender(client, name, "0199aaaa-0000-7000-8000-000000000000")(), 404, "user_not_found")
        assert_problem(sender(client, name, "x")(), 404, "user_not_found")
    with services.database.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM idempotency_keys")).scalar_one() == 0


def test_one_key_for_every_operation_and_user(client: FlaskClient) -> None:
    answers = []
    for username in ("Diego", "Luz"):
        body = {"username": username, "passwordHash": IMPORTED}
        made = client.post("/users", json=body, headers=keyed(f"key-of-{username}"))
        path = made.headers["Location"]
        calls = [("PATCH", {"email": "a@example.org"}), ("PUT", {"username": f"{username} 2"}), ("DELETE", None)]
        answers += [client.open(path, method=method, json=sent, headers=keyed()) for method, sent in calls]
    assert [answer.status_code for answer in answers] == [200, 200, 204] * 2
    assert [answer.headers.get("ETag") for answer in answers] == ['"2"', '"3"', None] * 2
    assert not any("Idempotent-Replayed" in answer.headers for answer in answers)


@every_call
@pytest.mark.parametrize("headers", [{}, {"If_Match": '"1"'}], ids=["any version", "one version"])
def test_twenty_at_once_change_once(app: Flask, services: Services, name: str, headers: dict[str, str]) -> None:
    user_id = created(app.test_client())["userId"]

    def change(_: int) -> TestResponse:
        return sender(app.test_client(), name, user_id)(headers)

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(change, range(20)), key=lambda answer: "Idempotent-Replayed" in answer.headers)
    for again in answers[1:]:
        assert_replayed(again, answers[0])
    assert answers[0].status_code in (200, 204)
    assert [user.version for user in stored(services)] == ([] if name == "delete" else [2])
