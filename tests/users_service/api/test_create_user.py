import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.users_service.api.users import BCRYPT, IMPORTED, assert_problem, created
from users_service.bootstrap import Services

ARGON2ID = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43


@pytest.mark.parametrize("path", ["/users", "/v1/users"])
def test_create(client: FlaskClient, path: str) -> None:
    response = client.post(path, json={"username": "Diego", "password": "123456"})
    assert response.status_code == 201
    body = response.get_json()
    assert response.headers["Location"] == f"/v1/users/{body['userId']}"
    assert response.headers["ETag"] == '"1"'
    assert response.headers["X-Request-Id"]
    assert list(body) == ["userId", "username", "email", "displayName", "locale", "metadata", "createdAt", "updatedAt"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", body["userId"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["createdAt"])
    assert (body["username"], body["displayName"], body["email"]) == ("Diego", "Diego", None)
    assert (body["locale"], body["metadata"]) == ("en", {})
    assert client.get(response.headers["Location"]).get_json() == body


def test_create_with_every_field(client: FlaskClient) -> None:
    fields = {
        "email": "diego@example.org",
        "displayName": "Don Diego",
        "locale": "es-419",
        "metadata": {"z": [1, None], "a": {}},
    }
    body = created(client, **fields)
    assert {name: body[name] for name in fields} == fields


def test_null_optional_fields_are_defaults(client: FlaskClient) -> None:
    body = created(client, email=None, displayName=None, locale=None, metadata=None)
    assert (body["email"], body["displayName"], body["locale"], body["metadata"]) == (None, "Diego", "en", {})


def test_metadata_comes_back_to_the_letter(client: FlaskClient) -> None:
    text = '{"z":123456789012345678901234567890,"a":0.1,"é":"\\"\u2028","nested":{"b":1,"a":-1.5e-07}}'
    sent = f'{{"username":"Diego","password":"123456","metadata":{text}}}'
    response = client.post("/users", data=sent.encode(), content_type="application/json")
    assert response.status_code == 201
    assert f'"metadata":{text}' in response.text
    assert f'"metadata":{text}' in client.get(response.headers["Location"]).text


def test_missing_password(client: FlaskClient) -> None:
    body = assert_problem(client.post("/users", json={"username": "Diego2"}), 400, "missing_field", "/password")
    assert body["error"] == "Missing password"
    assert client.get("/users").get_json()["users"] == []


def test_missing_everything(client: FlaskClient) -> None:
    assert_problem(client.post("/users", json={}), 400, "missing_field", "/username", "/password")


def test_password_and_hash(client: FlaskClient) -> None:
    sent = {"username": "Diego", "password": "123456", "passwordHash": IMPORTED}
    assert_problem(client.post("/users", json=sent), 400, "invalid_field", "/passwordHash")


def test_an_array_is_told_where_to_go(client: FlaskClient) -> None:
    for body in ([], [{"username": "Diego", "password": "123456"}]):
        error = assert_problem(client.post("/users", json=body), 400, "not_an_object")["error"]
        assert "POST /batch/users" in error
        assert "/v2/users" in error
        assert "POST /users/batch" in error


@pytest.mark.parametrize("name", ["Diego", "DIEGO", "ｄｉｅｇｏ"])
def test_a_taken_name(client: FlaskClient, name: str) -> None:
    created(client)
    answer = client.post("/users", json={"username": name, "password": "123456"})
    assert_problem(answer, 409, "username_taken", "/username")


def test_fifty_at_once_make_one_user(app: Flask) -> None:
    def create(number: int) -> int:
        name = ["Diego", "DIEGO", "ｄｉｅｇｏ"][number % 3]
        return app.test_client().post("/users", json={"username": name, "passwordHash": IMPORTED}).status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(create, range(50)))
    assert statuses == [201] + [409] * 49
    assert len(app.test_client().get("/users").get_json()["users"]) == 1


def test_every_fault_is_listed(client: FlaskClient) -> None:
    sent = {
        "username": 5,
        "password": "",
        "email": "nobody",
        "displayName": "",
        "locale": "english please",
        "metadata": {"a/b": {"~": ["\0"]}},
        "admin": True,
    }
    answer = client.post("/users", json=sent)
    pointers = ["/username", "/password", "/email", "/displayName", "/locale", "/metadata/a~1b/~0/0", "/admin"]
    assert_problem(answer, 400, "invalid_field", *pointers)


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("username", None, "/username"),
        ("username", True, "/username"),
        ("username", ["Diego"], "/username"),
        ("username", "x" * 129, "/username"),
        ("username", "x" * 1_000_000, "/username"),
        ("username", "a\0b", "/username"),
        ("username", " Diego", "/username"),
        ("password", None, "/password"),
        ("password", 123456, "/password"),
        ("password", "x" * 1025, "/password"),
        ("password", "x" * 1_000_000, "/password"),
        ("password", "a\0b", "/password"),
        ("email", 5, "/email"),
        ("email", "a@b@c", "/email"),
        ("email", f"{'a' * 250}@b.org", "/email"),
        ("email", "@" * 500_000, "/email"),
        ("email", 'a"\n"@example.org', "/email"),
        ("displayName", "x" * 257, "/displayName"),
        ("displayName", "a\0", "/displayName"),
        ("locale", "e", "/locale"),
        ("locale", "en_GB", "/locale"),
        ("locale", "en-" + "abcd-" * 8, "/locale"),
        ("metadata", [], "/metadata"),
        ("metadata", "x", "/metadata"),
        ("metadata", {"a": "x" * 17_000}, "/metadata"),
        ("metadata", {"\0": 1}, "/metadata/\0"),
        ("userId", "x", "/userId"),
        ("version", 1, "/version"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_fault_is_pointed_at(client: FlaskClient, field: str, value: object, pointer: str) -> None:
    sent = {"username": "Diego", "password": "123456", field: value}
    code = "unknown_field" if field in ("userId", "version") else "invalid_field"
    assert_problem(client.post("/users", json=sent), 400, code, pointer)


@pytest.mark.parametrize("password", ["1", "123456", "x" * 1024, "🔑" * 1024, "\n\t ", "\x01", "pässwörd"])
def test_any_password_that_is_neither_empty_nor_too_long(client: FlaskClient, password: str) -> None:
    user = client.post("/users", json={"username": "Diego", "password": password})
    assert user.status_code == 201
    check = f"{user.headers['Location']}/password-check"
    assert client.post(check, json={"password": password}).status_code == 204


@pytest.mark.parametrize(
    ("imported", "pointer"),
    [
        (None, "/passwordHash"),
        ("x", "/passwordHash"),
        ({"algorithm": "md5", "value": "x"}, "/passwordHash/algorithm"),
        ({"algorithm": "bcrypt", "value": 5}, "/passwordHash/value"),
        ({"algorithm": "bcrypt", "value": "x"}, "/passwordHash/value"),
        ({"algorithm": "bcrypt", "value": "x" * 900_000}, "/passwordHash/value"),
        ({"algorithm": "bcrypt", "value": ARGON2ID}, "/passwordHash/value"),
        ({"algorithm": "bcrypt", "value": BCRYPT.replace("$10$", "$31$")}, "/passwordHash/value"),
        ({"algorithm": "argon2id", "value": ARGON2ID.replace("19456", "4194304")}, "/passwordHash/value"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_hash_of_the_wrong_form_or_cost(client: FlaskClient, imported: object, pointer: str) -> None:
    answer = client.post("/users", json={"username": "Diego", "passwordHash": imported})
    assert_problem(answer, 400, "invalid_field", pointer)
    assert BCRYPT not in answer.text


def test_faults_inside_a_hash(client: FlaskClient) -> None:
    answer = client.post("/users", json={"username": "Diego", "passwordHash": {"salt": "x"}})
    assert_problem(answer, 400, "missing_field", "/passwordHash/algorithm", "/passwordHash/value", "/passwordHash/salt")


def test_no_answer_has_a_password_or_a_hash(client: FlaskClient) -> None:
    secret = "correct horse battery staple"
    answers = [
        client.post("/users", json={"username": "Diego", "password": secret}),
        client.post("/users", json={"username": "Diego", "password": secret}),
        client.post("/users", json={"username": 1, "password": secret}),
        client.post("/users", json={"username": "Zoe", "passwordHash": {"algorithm": "argon2id", "value": secret}}),
        client.get("/users"),
    ]
    location = answers[0].headers["Location"]
    answers += [
        client.get(location),
        client.patch(location, json={"password": f"{secret}!"}),
        client.post(f"{location}/password-check", json={"password": secret}),
    ]
    assert [answer.status_code for answer in answers] == [201, 409, 400, 400, 200, 200, 200, 403]
    for answer in answers:
        assert secret not in answer.text
        assert "$argon2" not in answer.text


def test_no_log_has_a_hash(client: FlaskClient, services: Services, caplog: pytest.LogCaptureFixture) -> None:
    trap = "CREATE TRIGGER trap BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'no'); END"
    with services.database.writing() as connection:  # an error that nobody foresees, on either database
        connection.execute(sa.text(trap if services.database.is_sqlite else "DROP TABLE users"))
    answer = client.post("/users", json={"username": "Diego", "passwordHash": IMPORTED})
    assert_problem(answer, 500, "internal_error")
    assert "Traceback" in caplog.text
    for said in (answer.text, caplog.text):
        assert BCRYPT not in said
        assert "Diego" not in said
