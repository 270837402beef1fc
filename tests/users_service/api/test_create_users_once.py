"""`idempotencyKey` of an item, and the `Idempotency-Key` of a single call: one key, whichever the door."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.users_service.api.test_create_users import codes, hashed, sent, usernames
from tests.users_service.api.users import IMPORTED, assert_problem, keyed
from users_service.bootstrap import Services

PLAIN = {"username": "Diego", "password": "123456"}
HASHED = {"username": "Diego", "passwordHash": IMPORTED}
KEY = "import-7:row-12"


def item(body: dict[str, Any], key: str = KEY) -> dict[str, Any]:
    return {"body": body, "idempotencyKey": key}


def is_replayed(result: dict[str, Any]) -> bool:
    return "Idempotent-Replayed" in result.get("responseHeaders", {})


def problem_codes(results: list[dict[str, Any]]) -> list[str]:
    return [result["responseBody"].get("code", result["responseCode"]) for result in results]


def kept(services: Services) -> list[Any]:
    with services.database.reading() as connection:
        return list(connection.execute(sa.text("SELECT * FROM idempotency_keys")))


@pytest.mark.parametrize("body", [PLAIN, HASHED], ids=["password", "hash"])
def test_a_key_of_the_single_door_is_known_to_the_batch_door(client: FlaskClient, body: dict[str, Any]) -> None:
    single = client.post("/users", json=body, headers=keyed(KEY))
    for key in (KEY, f'"{KEY}"'):
        (result,) = sent(client, [item(body, key)])
        assert (result["responseCode"], result["responseBody"]) == ("201", single.get_json())
        assert result["responseHeaders"]["Location"] == single.headers["Location"]
        assert is_replayed(result)
    assert problem_codes(sent(client, [item({**body, "username": "Zoe"})])) == ["idempotency_key_reused"]
    assert usernames(client) == ["Diego"]


@pytest.mark.parametrize("body", [PLAIN, HASHED], ids=["password", "hash"])
def test_a_key_of_the_batch_door_is_known_to_the_single_door(client: FlaskClient, body: dict[str, Any]) -> None:
    (first,) = sent(client, [item(body)])
    assert not is_replayed(first)
    single = client.post("/users", json=body, headers=keyed(KEY))
    assert single.headers["Idempotent-Replayed"] == "true"
    assert (str(single.status_code), single.get_json()) == (first["responseCode"], first["responseBody"])
    other = {**body, "password": "1234567"} if "password" in body else PLAIN
    assert_problem(client.post("/users", json=other, headers=keyed(KEY)), 422, "idempotency_key_reused")
    assert problem_codes(sent(client, [item(other)])) == ["idempotency_key_reused"]


def test_a_batch_sent_twice_is_applied_once(client: FlaskClient) -> None:
    credentials: list[dict[str, Any]] = [{"password": "123456"}, {"passwordHash": IMPORTED}]
    items = [item({"username": f"user {n}", **credentials[n % 2]}, f"key-{n:05}") for n in range(60)]
    first, again = sent(client, items), sent(client, items)
    assert set(codes(first)) == {"201"}
    assert [result["responseBody"] for result in again] == [result["responseBody"] for result in first]
    assert all(map(is_replayed, again))
    assert not any(map(is_replayed, first))
    assert len(usernames(client)) == 60


def test_one_key_twice_in_a_call(client: FlaskClient) -> None:
    other = {"username": "Zoe", "passwordHash": IMPORTED}
    results = sent(
        client, [item(PLAIN), item(PLAIN), item(other), item({**PLAIN, "password": "1"}), item(other, "another-key")]
    )
    assert problem_codes(results) == ["201", "201", "idempotency_key_reused", "idempotency_key_reused", "201"]
    assert results[1]["responseBody"] == results[0]["responseBody"]
    assert [is_replayed(result) for result in results] == [False, True, False, False, False]
    assert usernames(client) == ["Diego", "Zoe"]


def test_one_key_twice_in_a_call_that_was_used_before(client: FlaskClient) -> None:
    client.post("/users", json=HASHED, headers=keyed(KEY))
    results = sent(client, [item({**HASHED, "email": "a@b.org"}), item(HASHED), item(HASHED)])
    assert problem_codes(results) == ["idempotency_key_reused", "201", "201"]
    assert [is_replayed(result) for result in results] == [False, True, True]


def test_a_refusal_is_not_kept(client: FlaskClient, services: Services) -> None:
    client.post("/users", json=HASHED)
    results = sent(client, [item({"username": "Zoe"}), item(HASHED, "another-key"), item(HASHED, "another-key")])
    assert problem_codes(results) == ["missing_field", "username_taken", "username_taken"]
    assert kept(services) == []
    results = sent(client, [item({**HASHED, "username": "Zoe"}), item({**HASHED, "username": "Ana"}, "another-key")])
    assert codes(results) == ["201", "201"]


def test_no_secret_is_kept_in_clear(client: FlaskClient, services: Services) -> None:
    sent(client, [item({**PLAIN, "password": "correct horse"}), item({**HASHED, "username": "Zoe"}, "another-key")])
    hashes = {row.key: row.password_hash for row in kept(services)}
    assert hashes[KEY].startswith("$argon2id$")
    assert hashes["another-key"] is None
    assert "correct horse" not in str(kept(services))


@pytest.mark.parametrize("with_password", [True, False])
def test_twenty_of_the_same_batch_at_once(app: Flask, services: Services, with_password: bool) -> None:
    credential = {"password": "123456"} if with_password else {"passwordHash": IMPORTED}
    items = [item({"username": f"user {number}", **credential}, f"key-{number:05}") for number in range(12)]

    def create(number: int) -> list[dict[str, Any]]:
        client = app.test_client()
        if number % 5:
            return sent(client, items if number % 2 else items[::-1])
        answers = [client.post("/users", json=each["body"], headers=keyed(each["idempotencyKey"])) for each in items]
        return [
            {"responseCode": str(answer.status_code), "responseBody": answer.get_json(), "responseHeaders": {**answer.headers}}
            for answer in answers
        ]

    with ThreadPoolExecutor(20) as pool:
        results = [result for batch in pool.map(create, range(20)) for result in batch]
    assert set(codes(results)) == {"201"}
    assert len({json.dumps(result["responseBody"]) for result in results}) == 12
    assert sum(not is_replayed(result) for result in results) == 12
    assert len(kept(services)) == 12


def test_of_twenty_payloads_with_one_key_one_is_created(app: Flask) -> None:
    def create(number: int) -> list[dict[str, Any]]:
        return sent(app.test_client(), [item({**HASHED, "username": f"user {number}"}), hashed(f"other {number}")])

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(create, range(20)))
    assert sorted(codes([keyed_one for keyed_one, _ in results])) == ["201"] + ["422"] * 19
    assert set(codes([other for _, other in results])) == {"201"}
    assert len(usernames(app.test_client())) == 21
