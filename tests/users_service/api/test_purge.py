"""Kept answers whose time is over."""

import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.users_service.api.users import IMPORTED, keyed
from users_service.bootstrap import Services

DAY_MS = 86_400_000  # the retention that the tests set


def post(client: FlaskClient, number: int) -> int:
    body = {"username": f"user {number}", "passwordHash": IMPORTED}
    return client.post("/users", json=body, headers=keyed(f"key-of-{number:04}")).status_code


def age(services: Services, by_ms: int) -> None:
    with services.database.writing() as connection:
        connection.execute(sa.text("UPDATE idempotency_keys SET created_at = created_at - :by_ms"), {"by_ms": by_ms})


def count(services: Services) -> int:
    with services.database.reading() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM idempotency_keys")).scalar_one())


def test_the_purge_keeps_up_with_the_writes(client: FlaskClient, services: Services) -> None:
    for number in range(60):
        assert post(client, number) == 201
    age(services, DAY_MS - 60_000)
    assert services.use_cases.purge_answers() == 0
    age(services, 120_000)
    for number in range(60, 100):
        assert post(client, number) == 201
    assert count(services) == 100  # the fiftieth since the first purged when nothing was old enough
    assert post(client, 100) == 201
    assert count(services) == 41
    assert len(client.get("/users", query_string={"limit": 1000}).get_json()["users"]) == 101


def test_calls_without_a_key_purge_nothing(client: FlaskClient, services: Services) -> None:
    post(client, 1)
    age(services, DAY_MS + 60_000)
    assert client.post("/users", json={"username": "Zoe", "passwordHash": IMPORTED}).status_code == 201
    assert count(services) == 1
    assert services.use_cases.purge_answers() == 1


def test_more_than_one_transaction_full(services: Services) -> None:
    rows = [{"key": f"key {number}"} for number in range(2_500)]
    statement = (
        "INSERT INTO idempotency_keys (caller, operation, key, fingerprint, status, headers, body, created_at)"
        " VALUES ('anyone', 'create_user', :key, '', 204, '{}', '', 0)"
    )
    with services.database.writing() as connection:
        connection.execute(sa.text(statement), rows)
    assert services.use_cases.purge_answers() == 2_500
    assert services.use_cases.purge_answers() == 0


def test_a_key_that_was_forgotten_is_new(client: FlaskClient, services: Services) -> None:
    assert post(client, 1) == 201
    age(services, DAY_MS + 60_000)
    services.use_cases.purge_answers()
    assert post(client, 1) == 409  # the user is there, and nobody remembers who made it
