from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.users_service.api.users import assert_problem, created

MERGE_PATCH = "application/merge-patch+json"
FULL = {"email": "d@example.org", "displayName": "D", "locale": "es", "metadata": {"a": 1, "b": {"c": 2, "d": 3}}}


@pytest.mark.parametrize("content_type", [MERGE_PATCH, "application/json", f"{MERGE_PATCH}; charset=utf-8"])
def test_patch(client: FlaskClient, content_type: str) -> None:
    user = created(client, **FULL)
    path = f"/v1/users/{user['userId']}"
    answer = client.patch(path, data='{"username":"Zoe","metadata":{"b":{"c":null}}}', content_type=content_type)
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    expected = {**user, "username": "Zoe", "metadata": {"a": 1, "b": {"d": 3}}, "updatedAt": answer.get_json()["updatedAt"]}
    assert answer.get_json() == expected
    assert client.get(path).get_json() == expected


def test_null_resets(client: FlaskClient) -> None:
    path = f"/v1/users/{created(client, **FULL)['userId']}"
    body = client.patch(path, json=dict.fromkeys(FULL)).get_json()
    assert {name: body[name] for name in FULL} == {"email": None, "displayName": "Diego", "locale": "en", "metadata": {}}


def test_a_new_password(client: FlaskClient) -> None:
    path = f"/users/{created(client)['userId']}"
    answer = client.patch(path, json={"password": "new"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert client.post(f"{path}/password-check", json={"password": "new"}).status_code == 204
    assert client.post(f"{path}/password-check", json={"password": "123456"}).status_code == 403


@pytest.mark.parametrize("patch", [{}, {"username": "Diego"}, {"email": None}, {"metadata": {"x": None}}])
def test_what_changes_nothing_makes_no_version(client: FlaskClient, patch: object) -> None:
    user = created(client)
    answer = client.patch(f"/users/{user['userId']}", json=patch)
    assert (answer.status_code, answer.get_json(), answer.headers["ETag"]) == (200, user, '"1"')


def test_another_spelling_of_the_own_name(client: FlaskClient) -> None:
    path = f"/users/{created(client)['userId']}"
    assert client.patch(path, json={"username": "DIEGO"}).get_json()["username"] == "DIEGO"


def test_a_taken_name(client: FlaskClient) -> None:
    created(client)
    zoe = created(client, username="Zoe")
    for call in (client.patch, client.put):
        answer = call(f"/users/{zoe['userId']}", json={"username": "diego"})
        assert_problem(answer, 409, "username_taken", "/username")
    assert client.get(f"/users/{zoe['userId']}").get_json() == zoe


@pytest.mark.parametrize(
    ("patch", "code", "pointer"),
    [
        ({"username": None}, "invalid_field", "/username"),
        ({"username": ""}, "invalid_field", "/username"),
        ({"password": None}, "invalid_field", "/password"),
        ({"password": "x" * 1025}, "invalid_field", "/password"),
        ({"metadata": []}, "invalid_field", "/metadata"),
        ({"metadata": {"a": ["\0"]}}, "invalid_field", "/metadata/a/0"),
        ({"passwordHash": {}}, "unknown_field", "/passwordHash"),
        ({"userId": "x"}, "unknown_field", "/userId"),
    ],
)
def test_a_fault(client: FlaskClient, patch: object, code: str, pointer: str) -> None:
    user = created(client)
    assert_problem(client.patch(f"/users/{user['userId']}", json=patch), 400, code, pointer)
    assert client.get(f"/users/{user['userId']}").get_json() == user


def test_metadata_that_outgrows_its_limit(client: FlaskClient) -> None:
    user = created(client, metadata={"a": "x" * 10_000})
    answer = client.patch(f"/users/{user['userId']}", json={"metadata": {"b": "x" * 10_000}})
    error = assert_problem(answer, 400, "invalid_field", "/metadata")["error"]
    assert error.startswith("Invalid metadata: is 20")
    assert client.get(f"/users/{user['userId']}").get_json() == user


@pytest.mark.parametrize("body", ["[]", "1", "null"])
def test_what_is_no_object(client: FlaskClient, body: str) -> None:
    path = f"/users/{created(client)['userId']}"
    assert_problem(client.patch(path, data=body, content_type=MERGE_PATCH), 400, "not_an_object")


def test_another_content_type(client: FlaskClient) -> None:
    path = f"/users/{created(client)['userId']}"
    answer = client.patch(path, data="{}", content_type="application/json-patch+json")
    assert_problem(answer, 415, "unsupported_media_type")
    assert MERGE_PATCH in answer.headers["Accept"]


@pytest.mark.parametrize(
    ("tag", "status"), [('"1"', 200), ("*", 200), ('"7", "1"', 200), ('"2"', 412), ('W/"1"', 412), ("1", 412), ("", 412)]
)
@pytest.mark.parametrize("patch", [{"email": "z@example.org"}, {"password": "new"}])
def test_if_match(client: FlaskClient, tag: str, status: int, patch: object) -> None:
    user = created(client)
    answer = client.patch(f"/users/{user['userId']}", json=patch, headers={"If-Match": tag})
    if status == 412:
        assert_problem(answer, 412, "precondition_failed")
        assert client.get(f"/users/{user['userId']}").get_json() == user
    else:
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')


def test_no_update_is_lost(app: Flask) -> None:
    path = f"/users/{created(app.test_client())['userId']}"

    def patch(number: int) -> int:
        return app.test_client().patch(path, json={"metadata": {f"key {number}": number}}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(patch, range(40))) == {200}
    answer = app.test_client().get(path)
    assert answer.get_json()["metadata"] == {f"key {number}": number for number in range(40)}
    assert answer.headers["ETag"] == '"41"'


def test_of_two_with_the_same_tag_one_wins(app: Flask) -> None:
    path = f"/users/{created(app.test_client())['userId']}"

    def patch(number: int) -> int:
        body = {"displayName": f"name {number}"}
        return app.test_client().patch(path, json=body, headers={"If-Match": '"1"'}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(patch, range(16))) == [200] + [412] * 15
