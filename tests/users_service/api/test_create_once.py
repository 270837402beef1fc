"""`Idempotency-Key` on `POST /users`."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.users_service.api.users import BCRYPT, IMPORTED, assert_problem, assert_replayed, created, keyed
from users_service.bootstrap import Services

PLAIN = {"username": "Diego", "password": "123456"}
HASHED = {"username": "Diego", "passwordHash": IMPORTED}
ARGON2ID = {"algorithm": "argon2id", "value": "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43}


def usernames(client: FlaskClient) -> list[str]:
    return [user["username"] for user in client.get("/users").get_json()["users"]]


def kept(services: Services) -> list[Any]:
    with services.database.reading() as connection:
        return list(connection.execute(sa.text("SELECT * FROM idempotency_keys")))


@pytest.mark.parametrize("body", [PLAIN, HASHED], ids=["password", "hash"])
@pytest.mark.parametrize("door", ["/users", "/v1/users"])
def test_the_same_call_gets_the_first_answer(client: FlaskClient, body: dict[str, Any], door: str) -> None:
    first = client.post("/v1/users", json=body, headers=keyed())
    assert first.status_code == 201
    again = client.post(door, json=body, headers=keyed())
    assert_replayed(again, first)
    assert again.headers["Location"] == f"/v1/users/{first.get_json()['userId']}"
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert usernames(client) == ["Diego"]


def test_an_answer_has_the_form_of_one_without_a_key(client: FlaskClient) -> None:
    with_key = client.post("/users", json=PLAIN, headers=keyed())
    without = client.post("/users", json={**PLAIN, "username": "Zoe"})
    assert list(with_key.headers.keys()) == list(without.headers.keys())
    assert list(with_key.get_json()) == list(without.get_json())
    assert client.get(with_key.headers["Location"]).data == with_key.data


@pytest.mark.parametrize(
    "body",
    [
        {**PLAIN, "username": "Zoe"},
        {**PLAIN, "username": "DIEGO"},
        {**PLAIN, "password": "1234567"},
        {**PLAIN, "email": "diego@example.org"},
        {**PLAIN, "metadata": {"a": 2}},
        {**PLAIN, "metadata": {"a": [1]}},
        HASHED,
    ],
    ids=lambda body: str(body)[:60],
)
def test_another_payload_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    client.post("/users", json=PLAIN, headers=keyed())
    assert_problem(client.post("/users", json=body, headers=keyed()), 422, "idempotency_key_reused")
    assert usernames(client) == ["Diego"]


@pytest.mark.parametrize("body", [{**HASHED, "passwordHash": ARGON2ID}, PLAIN], ids=["another hash", "a password"])
def test_another_payload_than_a_hash_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    client.post("/users", json=HASHED, headers=keyed())
    assert_problem(client.post("/users", json=body, headers=keyed()), 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "sent",
    [
        '{"metadata": {"b": {"d": 2, "c": 1}, "a": 1.5}, "password": "123456", "username": "Diego"}',
        '{"username":"Di\\u0065go","password":"123456","metadata":{"a":15e-1,"b":{"c":1,"d":2}}}',
        '{"username":"Diego","password":"123456","metadata":{"a":1.5,"b":{"c":1,"d":2}},"email":null,"locale":"en"}',
    ],
)
def test_the_same_payload_in_other_words(client: FlaskClient, sent: str) -> None:
    metadata = {"a": 1.5, "b": {"c": 1, "d": 2}}
    first = client.post("/users", json={**PLAIN, "metadata": metadata}, headers=keyed())
    assert_replayed(client.post("/users", data=sent, content_type="application/json", headers=keyed()), first)


@pytest.mark.parametrize("body", [PLAIN, HASHED], ids=["password", "hash"])
def test_twenty_at_once_make_one_user_and_get_one_answer(app: Flask, services: Services, body: dict[str, Any]) -> None:
    def create(_: int) -> TestResponse:
        return app.test_client().post("/users", json=body, headers=keyed())

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(create, range(20)), key=lambda answer: "Idempotent-Replayed" in answer.headers)
    for again in answers[1:]:
        assert_replayed(again, answers[0])
    assert answers[0].status_code == 201
    assert usernames(app.test_client()) == ["Diego"]
    assert len(kept(services)) == 1


def test_of_twenty_payloads_at_once_one_is_created(app: Flask) -> None:
    def create(number: int) -> int:
        body = {**HASHED, "username": f"Diego {number}"}
        return app.test_client().post("/users", json=body, headers=keyed()).status_code

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(create, range(20))) == [201] + [422] * 19
    assert len(usernames(app.test_client())) == 1


def test_the_first_answer_outlives_the_user(client: FlaskClient) -> None:
    for body, key in ((PLAIN, "key-of-plain"), ({**HASHED, "username": "Zoe"}, "key-of-hashed")):
        first = client.post("/users", json=body, headers=keyed(key))
        path = first.headers["Location"]
        client.patch(path, json={"username": "Ana", "password": "another"})
        assert_replayed(client.post("/users", json=body, headers=keyed(key)), first)
        client.delete(path)
        assert_replayed(client.post("/users", json=body, headers=keyed(key)), first)
        assert usernames(client) == []


def test_a_refusal_is_not_kept(client: FlaskClient, services: Services) -> None:
    assert_problem(client.post("/users", json={"username": "Zoe"}, headers=keyed()), 400, "missing_field", "/password")
    taken = created(client)
    assert_problem(client.post("/users", json=PLAIN, headers=keyed()), 409, "username_taken", "/username")
    assert_problem(client.post("/users", json=HASHED, headers=keyed()), 409, "username_taken", "/username")
    assert kept(services) == []
    corrected = client.post("/users", json={**PLAIN, "username": "Zoe"}, headers=keyed())
    assert corrected.status_code == 201
    assert_replayed(client.post("/users", json={**PLAIN, "username": "Zoe"}, headers=keyed()), corrected)
    assert usernames(client) == [taken["username"], "Zoe"]


def test_a_name_that_was_taken_may_be_free_the_next_time(client: FlaskClient) -> None:
    path = f"/users/{created(client)['userId']}"
    assert client.post("/users", json=PLAIN, headers=keyed()).status_code == 409
    client.delete(path)
    answer = client.post("/users", json=PLAIN, headers=keyed())
    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (201, False)


@pytest.mark.parametrize("key", ["", "1234567", "x" * 256, "12345678\r\nX-Other: 1", "12345678\n"], ids=ascii)
def test_what_is_no_key_stops_every_write(client: FlaskClient, key: str) -> None:
    user = created(client, username="Zoe")
    environ = {"HTTP_IDEMPOTENCY_KEY": key}  # past the client, which refuses some of them
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        path = "/users" if method == "POST" else f"/users/{user['userId']}"
        answer = client.open(path, method=method, json=PLAIN, environ_overrides=environ)
        error = assert_problem(answer, 400, "invalid_idempotency_key")["error"]
        assert error.startswith("An Idempotency-Key has 8 to 255 of the characters")
    assert client.get("/users").get_json()["users"] == [user]


@pytest.mark.parametrize("key", ["12345678", "x" * 255, "0199aa:17", "A.b_c-d:e", "f47ac10b-58cc-4372-a567-0e02b2c3d479"])
def test_bare_and_quoted_are_one_key(client: FlaskClient, key: str) -> None:
    first = client.post("/users", json=PLAIN, headers=keyed(key))
    assert first.status_code == 201
    assert_replayed(client.post("/users", json=PLAIN, headers=keyed(f'"{key}"')), first)


def test_keys_have_cases(client: FlaskClient) -> None:
    assert client.post("/users", json=PLAIN, headers=keyed("key-of-mine")).status_code == 201
    assert client.post("/users", json=PLAIN, headers=keyed("KEY-OF-MINE")).status_code == 409


def test_no_secret_is_kept_in_clear(client: FlaskClient, services: Services) -> None:
    client.post("/users", json={**PLAIN, "password": "correct horse"}, headers=keyed("key-of-plain"))
    client.post("/users", json={**HASHED, "username": "Zoe"}, headers=keyed("key-of-hashed"))
    plain, hashed = kept(services)
    assert plain.password_hash.startswith("$argon2id$")
    assert hashed.password_hash is None
    for row in (plain, hashed):
        assert "correct horse" not in str(row)
        assert BCRYPT not in str(row)
        assert b"argon2id" not in row.body
        assert len(row.fingerprint) == 32


def test_what_fails_halfway_leaves_neither_user_nor_key(client: FlaskClient, services: Services) -> None:
    def rename(old: str, new: str) -> None:
        with services.database.writing() as connection:
            connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))

    rename("idempotency_keys", "away")  # the user is written before the key is
    assert client.post("/users", json=HASHED, headers=keyed()).status_code in (500, 503)
    assert usernames(client) == []
    rename("away", "idempotency_keys")
    assert kept(services) == []
    answer = client.post("/users", json=HASHED, headers=keyed())
    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (201, False)


@pytest.mark.parametrize("key", ["import-7:row-12", "no"])
def test_a_password_check_has_no_key(client: FlaskClient, services: Services, key: str) -> None:
    path = client.post("/users", json=PLAIN).headers["Location"]
    check = {"path": f"{path}/password-check", "json": {"password": "123456"}, "headers": keyed(key)}
    assert client.post(**check).status_code == 204
    client.patch(path, json={"password": "another"})
    assert client.post(**check).status_code == 403
    assert kept(services) == []


def test_reading_has_no_key(client: FlaskClient) -> None:
    assert client.get("/users", headers=keyed("no")).status_code == 200
