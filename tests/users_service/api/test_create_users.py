"""`POST /users/batch`."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.users_service.api.bodies import BODIES
from tests.users_service.api.users import IMPORTED, assert_problem, created
from users_service.app import MAX_BODY_BYTES
from users_service.bootstrap import Services

SHOWN = ("Location", "ETag", "Retry-After")


def hashed(name: str) -> dict[str, Any]:
    return {"body": {"username": name, "passwordHash": IMPORTED}}


def sent(client: FlaskClient, items: list[Any], path: str = "/v1/users/batch") -> list[dict[str, Any]]:
    answer = client.post(path, json=items)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    results: list[dict[str, Any]] = answer.get_json()
    assert len(results) == len(items)
    return results


def codes(results: list[dict[str, Any]]) -> list[str]:
    return [result["responseCode"] for result in results]


def usernames(client: FlaskClient) -> list[str]:
    return [user["username"] for user in client.get("/users?limit=1000").get_json()["users"]]


def said(status: int | str, body: Any, headers: Any) -> tuple[str, list[tuple[str, Any]], dict[str, str]]:
    """What an answer says, less what differs from one call to the next."""
    own = {"userId", "createdAt", "updatedAt", "instance"}
    shown = {name: headers[name] for name in SHOWN if name in headers}
    if "Location" in shown:
        assert shown["Location"] == f"/v1/users/{body['userId']}"
        shown["Location"] = "its own"
    return str(status), [(key, "its own" if key in own else value) for key, value in body.items()], shown


@pytest.mark.parametrize("path", ["/users/batch", "/v1/users/batch"])
def test_create(client: FlaskClient, path: str) -> None:
    results = sent(
        client, [{"method": "POST", "id": "a", **hashed("Diego")}, {"body": {"username": "Zoe"}}, hashed("Ana")], path
    )
    assert codes(results) == ["201", "400", "201"]
    assert [result.get("id") for result in results] == ["a", None, None]
    for result in (results[0], results[2]):
        location = result["responseHeaders"].pop("Location")
        assert client.get(location).get_json() == result["responseBody"]
        assert result["responseHeaders"] == {"ETag": '"1"'}
    assert results[1]["responseBody"]["error"] == "Missing password"
    assert usernames(client) == ["Diego", "Ana"]


def test_each_body_is_answered_as_it_is_alone(client: FlaskClient, services: Services) -> None:
    singles = [client.post("/users", data=json.dumps(body), content_type="application/json") for body in BODIES]
    expected = [said(answer.status_code, answer.get_json(), answer.headers) for answer in singles]
    with services.database.writing() as connection:
        connection.execute(sa.text("DELETE FROM users"))
    results = sent(client, [{"body": body} for body in BODIES])
    assert [said(each["responseCode"], each["responseBody"], each.get("responseHeaders", {})) for each in results] == expected
    assert {code for code, _, _ in expected} == {"201", "400", "409"}
    # A user is the same to the byte, the order of its members included.
    assert [list(each["responseBody"]) for each in results] == [list(answer.get_json()) for answer in singles]


def test_metadata_comes_back_to_the_letter(client: FlaskClient) -> None:
    text = '{"z":123456789012345678901234567890,"a":0.1,"é":"\\"\u2028","nested":{"b":1,"a":-1.5e-07}}'
    items = f'[{{"body":{{"username":"Diego","password":"123456","metadata":{text}}}}}]'
    answer = client.post("/users/batch", data=items.encode(), content_type="application/json")
    assert f'"metadata":{text}' in answer.text


def test_as_deep_as_alone(client: FlaskClient) -> None:
    def nested(depth: int) -> dict[str, Any]:
        inner: Any = 1
        for _ in range(depth - 2):
            inner = [inner]
        return {"username": f"depth {depth}", "passwordHash": IMPORTED, "metadata": {"a": inner}}

    assert client.post("/users", json=nested(64)).status_code == 201
    assert codes(sent(client, [{"body": {**nested(64), "username": "other"}}])) == ["201"]
    for answer in (client.post("/users", json=nested(65)), client.post("/users/batch", json=[{"body": nested(65)}])):
        assert_problem(answer, 400, "invalid_json", *[each["pointer"] for each in answer.get_json()["errors"]])


def test_of_two_with_one_name_the_first_is_created(client: FlaskClient) -> None:
    created(client, username="Zoe")
    results = sent(client, [hashed(name) for name in ("z", "DIEGO", "a", "Diego", "ｄｉｅｇｏ", "ZOE")])
    assert codes(results) == ["201", "201", "201", "409", "409", "409"]
    for result in results[3:]:
        assert (result["responseBody"]["code"], result["responseBody"]["errors"][0]["pointer"]) == (
            "username_taken",
            "/username",
        )
    assert usernames(client) == ["Zoe", "z", "DIEGO", "a"]


@pytest.mark.parametrize(
    ("item", "code", "pointers"),
    [
        (5, "invalid_item", [""]),
        (None, "invalid_item", [""]),
        ([], "invalid_item", [""]),
        ({**hashed("Diego"), "path": "/x"}, "invalid_item", ["/path"]),
        ({**hashed("Diego"), "a/b": 1}, "invalid_item", ["/a~1b"]),
        ({**hashed("Diego"), "method": 5}, "invalid_item", ["/method"]),
        ({**hashed("Diego"), "method": None}, "invalid_item", ["/method"]),
        ({**hashed("Diego"), "id": 5}, "invalid_item", ["/id"]),
        ({**hashed("Diego"), "id": ""}, "invalid_item", ["/id"]),
        ({**hashed("Diego"), "id": "x" * 256}, "invalid_item", ["/id"]),
        ({**hashed("Diego"), "idempotencyKey": 5}, "invalid_idempotency_key", []),
        ({**hashed("Diego"), "idempotencyKey": None}, "invalid_idempotency_key", []),
        ({**hashed("Diego"), "idempotencyKey": "short"}, "invalid_idempotency_key", []),
        ({}, "missing_body", []),
        ({"body": None}, "not_an_object", []),
        ({"body": []}, "not_an_object", []),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_bad_item_leaves_its_neighbours_alone(client: FlaskClient, item: Any, code: str, pointers: list[str]) -> None:
    results = sent(client, [hashed("Ana"), item, hashed("Bao")])
    assert codes(results) == ["201", "400", "201"]
    problem = results[1]["responseBody"]
    assert (problem["code"], [fault["pointer"] for fault in problem["errors"]]) == (code, pointers)
    assert problem["error"] == problem["detail"]
    assert usernames(client) == ["Ana", "Bao"]


@pytest.mark.parametrize("method", ["GET", "DELETE", "post", "", "PATCH"])
def test_only_post_is_taken(client: FlaskClient, method: str) -> None:
    (result,) = sent(client, [{**hashed("Diego"), "method": method, "id": "a"}])
    assert (result["id"], result["responseCode"], result["responseBody"]["code"]) == ("a", "405", "method_not_allowed")
    assert result["responseHeaders"] == {"Allow": "POST"}
    assert usernames(client) == []


def test_a_body_that_is_too_large_alone_is_too_large_here(client: FlaskClient) -> None:
    body = {"username": "Diego", "password": "x" * MAX_BODY_BYTES}
    alone = client.post("/users", json=body)
    results = sent(client, [{"body": body}, hashed("Ana"), {"body": {"username": "Bao", "password": "x" * 1_000_000}}])
    assert codes(results) == ["413", "201", "400"]
    assert said("413", results[0]["responseBody"], {}) == said(alone.status_code, alone.get_json(), {})


def test_the_call_is_larger_than_a_single_one_may_be(client: FlaskClient) -> None:
    large = [{"body": {**hashed(f"user {number}")["body"], "metadata": {"a": "x" * 15_900}}} for number in range(1000)]
    results = sent(client, large)
    assert set(codes(results)) == {"201"}


def test_what_refuses_the_call_as_a_whole(client: FlaskClient) -> None:
    def send(data: bytes | str, **kwargs: Any) -> TestResponse:
        return client.post("/users/batch", data=data, content_type=kwargs.pop("content_type", "application/json"), **kwargs)

    good = json.dumps([hashed("Diego")])
    assert_problem(send("{}"), 422, "not_an_array")
    assert_problem(send("5"), 422, "not_an_array")
    assert_problem(send("[]"), 422, "empty_batch")
    assert_problem(send(json.dumps([5] * 1001)), 413, "batch_too_large")
    assert_problem(send(b"[" + b" " * 16 * 1024 * 1024 + b"]"), 413, "request_entity_too_large")
    assert_problem(send(b'[{"body": {}}, {"id": "a", "id": "b"}]'), 400, "invalid_json", "/1")
    assert_problem(send(good, content_type="text/plain"), 415, "unsupported_media_type")
    assert_problem(send(good, headers={"Accept": "image/gif"}), 406, "not_acceptable")
    refused = assert_problem(send(good, headers={"Idempotency-Key": "import-7"}), 400, "idempotency_key_misplaced")
    assert "idempotencyKey" in refused["error"]
    assert usernames(client) == []


def test_a_thousand_are_taken_and_one_more_is_not(client: FlaskClient) -> None:
    items = [hashed(f"user {number}") for number in range(1001)]
    assert_problem(client.post("/users/batch", json=items), 413, "batch_too_large")
    assert set(codes(sent(client, items[:1000]))) == {"201"}
    assert usernames(client) == [f"user {number}" for number in range(1000)]


def test_other_methods_and_the_name_batch(client: FlaskClient) -> None:
    assert_problem(client.get("/users/batch"), 404, "user_not_found")
    assert client.put("/users/batch", json={"username": "x"}).status_code == 404


def test_passwords_are_hashed(client: FlaskClient) -> None:
    results = sent(client, [{"body": {"username": f"user {number}", "password": f"secret {number}"}} for number in range(20)])
    for number, result in enumerate(results):
        check = f"{result['responseHeaders']['Location']}/password-check"
        assert client.post(check, json={"password": f"secret {number}"}).status_code == 204
        assert client.post(check, json={"password": f"secret {number + 1}"}).status_code == 403


def test_no_answer_and_no_log_has_a_secret(client: FlaskClient, services: Services, caplog: pytest.LogCaptureFixture) -> None:
    secret = "correct horse battery staple"
    bodies: list[dict[str, Any]] = [
        {"username": "Diego", "password": secret},
        {"username": "Diego", "password": secret},
        {"username": 5, "password": secret},
        {"username": "Zoe", "passwordHash": {"algorithm": "bcrypt", "value": secret}},
    ]
    first = client.post("/users/batch", json=[{"body": body} for body in bodies])
    assert codes(first.get_json()) == ["201", "409", "400", "400"]
    with services.database.writing() as connection:
        connection.execute(sa.text("DROP TABLE users"))
    second = client.post("/users/batch", json=[{"body": {**bodies[0], "username": "Xenia"}}])
    assert second.status_code in (500, 503)
    for text in (first.text, second.text, caplog.text):
        assert secret not in text
        assert "$argon2" not in text
    assert "Xenia" not in caplog.text


def test_fifty_clients_with_overlapping_batches(app: Flask) -> None:
    def create(number: int) -> list[str]:
        # Names in another order each time: two transactions that took them in turn would wait for each other.
        places = [(number * 7 + step * (1 if number % 2 else -1)) % 60 for step in range(40)]
        return codes(sent(app.test_client(), [hashed(f"user {place}") for place in places]))

    with ThreadPoolExecutor(20) as pool:
        answered = [code for results in pool.map(create, range(50)) for code in results]
    assert set(answered) == {"201", "409"}
    assert answered.count("201") == 60
    assert sorted(usernames(app.test_client())) == sorted(f"user {number}" for number in range(60))


def test_single_calls_beside_batches(app: Flask) -> None:
    def create(number: int) -> list[str]:
        client = app.test_client()
        if number % 2:
            return [str(client.post("/users", json=hashed(f"user {number}")["body"]).status_code)]
        return codes(sent(client, [hashed(f"user {number + step}") for step in range(4)]))

    with ThreadPoolExecutor(16) as pool:
        answered = [code for results in pool.map(create, range(40)) for code in results]
    assert set(answered) == {"201", "409"}
    assert answered.count("201") == len(usernames(app.test_client())) == 42
