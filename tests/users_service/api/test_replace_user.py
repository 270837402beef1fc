import pytest
from flask.testing import FlaskClient

from tests.users_service.api.test_update_user import FULL
from tests.users_service.api.users import IMPORTED, assert_problem, created


def test_absent_fields_go_back_to_their_defaults_and_the_password_stays(client: FlaskClient) -> None:
    user = created(client, **FULL)
    path = f"/v1/users/{user['userId']}"
    answer = client.put(path, json={"username": "Zoe"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.get_json() == {
        **user,
        "username": "Zoe",
        "email": None,
        "displayName": "Zoe",
        "locale": "en",
        "metadata": {},
        "updatedAt": answer.get_json()["updatedAt"],
    }
    assert client.get(path).get_json() == answer.get_json()
    assert client.post(f"{path}/password-check", json={"password": "123456"}).status_code == 204


def test_every_field(client: FlaskClient) -> None:
    path = f"/v1/users/{created(client)['userId']}"
    body = client.put(path, json={"username": "Diego", "password": "new", **FULL}).get_json()
    assert {name: body[name] for name in FULL} == FULL
    assert client.post(f"{path}/password-check", json={"password": "new"}).status_code == 204


def test_twice_is_once(client: FlaskClient) -> None:
    path = f"/v1/users/{created(client)['userId']}"
    first = client.put(path, json={"username": "Diego", **FULL})
    second = client.put(path, json={"username": "Diego", **FULL})
    assert (second.get_json(), second.headers["ETag"]) == (first.get_json(), first.headers["ETag"])


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "missing_field", "/username"),
        ({"username": None}, "invalid_field", "/username"),
        ({"username": "Zoe", "password": None}, "invalid_field", "/password"),
        ({"username": "Zoe", "passwordHash": IMPORTED}, "unknown_field", "/passwordHash"),
    ],
)
def test_a_fault(client: FlaskClient, body: object, code: str, pointer: str) -> None:
    assert_problem(client.put(f"/users/{created(client)['userId']}", json=body), 400, code, pointer)


@pytest.mark.parametrize(("tag", "status"), [('"1"', 200), ("*", 200), ('"2"', 412), ('W/"1"', 412)])
def test_if_match(client: FlaskClient, tag: str, status: int) -> None:
    path = f"/users/{created(client)['userId']}"
    assert client.put(path, json={"username": "Zoe"}, headers={"If-Match": tag}).status_code == status
