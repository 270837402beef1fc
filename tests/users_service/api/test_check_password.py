import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from tests.users_service.api.users import IMPORTED, assert_problem, created
from users_service.bootstrap import Services


def stored_hash(services: Services) -> str:
    with services.database.reading() as connection:
        return str(connection.execute(sa.text("SELECT password_hash FROM users")).scalar_one())


def test_right_and_wrong(client: FlaskClient) -> None:
    path = f"/users/{created(client)['userId']}/password-check"
    right = client.post(path, json={"password": "123456"})
    assert (right.status_code, right.data) == (204, b"")
    assert_problem(client.post(path, json={"password": "1234567"}), 403, "wrong_password")


def test_an_imported_hash_becomes_argon2id_when_it_is_proved(client: FlaskClient, services: Services) -> None:
    path = f"/users/{created(client)['userId']}"
    assert stored_hash(services) == IMPORTED["value"]
    client.post(f"{path}/password-check", json={"password": "wrong"})
    assert stored_hash(services) == IMPORTED["value"]
    client.post(f"{path}/password-check", json={"password": "123456"})
    renewed = stored_hash(services)
    assert renewed.startswith("$argon2id$v=19$m=32,t=1,p=1$")
    assert client.get(path).headers["ETag"] == '"1"'
    assert client.post(f"{path}/password-check", json={"password": "123456"}).status_code == 204
    assert stored_hash(services) == renewed


def test_a_hash_of_another_cost_is_renewed(client: FlaskClient, services: Services) -> None:
    dearer = PasswordHasher(memory_cost=4096, time_cost=1, parallelism=1).hash("123456")
    path = f"/users/{created(client, passwordHash={'algorithm': 'argon2id', 'value': dearer})['userId']}/password-check"
    assert client.post(path, json={"password": "wrong"}).status_code == 403
    assert stored_hash(services) == dearer
    assert client.post(path, json={"password": "123456"}).status_code == 204
    assert "$m=32,t=1,p=1$" in stored_hash(services)


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "missing_field", "/password"),
        ({"password": None}, "invalid_field", "/password"),
        ({"password": 5}, "invalid_field", "/password"),
        ({"password": "x" * 1025}, "invalid_field", "/password"),
        ({"password": "\0"}, "invalid_field", "/password"),
        ({"password": "x", "username": "Diego"}, "unknown_field", "/username"),
    ],
)
def test_a_fault(client: FlaskClient, body: object, code: str, pointer: str) -> None:
    path = f"/users/{created(client)['userId']}/password-check"
    assert_problem(client.post(path, json=body), 400, code, pointer)
