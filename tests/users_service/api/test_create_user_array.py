"""`POST /v2/users`: an array of users."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.users_service.api.bodies import BODIES
from tests.users_service.api.users import IMPORTED, assert_problem, created, keyed
from users_service.app import MAX_BODY_BYTES
from users_service.bootstrap import Services


def hashed(name: str, **more: Any) -> dict[str, Any]:
    return {"username": name, "passwordHash": IMPORTED, **more}


def sent(client: FlaskClient, bodies: list[Any], **headers: str) -> list[dict[str, Any]]:
    answer = client.post("/v2/users", json=bodies, headers=headers)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.get_json()
    assert len(results) == len(bodies)
    return results


def codes(results: list[dict[str, Any]]) -> list[str]:
    return [result["responseCode"] for result in results]


def usernames(client: FlaskClient) -> list[str]:
    return [user["username"] for user in client.get("/v2/users?limit=1000").get_json()["users"]]


def test_create(client: FlaskClient) -> None:
    results = sent(client, [hashed("Diego"), {"username": "Diego2"}, hashed("Ana")])
    assert codes(results) == ["201", "400", "201"]
    assert results[1]["responseBody"]["error"] == "Missing password"
    assert set(results[0]) == {"responseCode", "responseBody", "responseHeaders"}
    location = results[0]["responseHeaders"]["Location"]
    assert location == f"/v2/users/{results[0]['responseBody']['userId']}"
    assert client.get(location).get_json() == results[0]["responseBody"]
    assert usernames(client) == ["Diego", "Ana"]


def test_each_is_answered_as_version_1_answers_it_alone(client: FlaskClient, services: Services) -> None:
    def said(status: Any, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        own = {"userId", "createdAt", "updatedAt", "instance"}
        return str(status), {key: value for key, value in body.items() if key not in own}

    singles = [client.post("/v1/users", data=json.dumps(body), content_type="application/json") for body in BODIES]
    expected = [said(answer.status_code, answer.get_json()) for answer in singles]
    with services.database.writing() as connection:
        connection.execute(sa.text("DELETE FROM users"))
    assert [said(result["responseCode"], result["responseBody"]) for result in sent(client, BODIES)] == expected
    assert {code for code, _ in expected} == {"201", "400", "409"}


def test_both_versions_have_the_same_users(client: FlaskClient) -> None:
    one = created(client, username="Ana")
    (two,) = sent(client, [hashed("Bao")])
    for version in ("v1", "v2"):
        listed = client.get(f"/{version}/users").get_json()["users"]
        assert [user["userId"] for user in listed] == [one["userId"], two["responseBody"]["userId"]]
    changed = client.patch(f"/v2/users/{one['userId']}", json={"locale": "pt"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert client.get(f"/v1/users/{one['userId']}").get_json()["locale"] == "pt"
    link = client.get("/v2/users?limit=1").headers["Link"]
    assert link.startswith("</v2/users?")
    (three,) = client.post("/v2/users/batch", json=[{"body": hashed("Chen")}]).get_json()
    assert three["responseHeaders"]["Location"].startswith("/v2/users/")
    assert client.delete(f"/v2/users/{one['userId']}").status_code == 204


def test_what_refuses_the_call_as_a_whole(client: FlaskClient) -> None:
    def send(data: bytes | str, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post("/v2/users", data=data, content_type=named.pop("Content-Type", "application/json"), headers=named)

    good = json.dumps([hashed("Diego")])
    one = assert_problem(send(json.dumps(hashed("Diego"))), 422, "not_an_array")
    assert "username" in one["error"]
    assert_problem(send("[]"), 422, "empty_batch")
    assert_problem(send(json.dumps([5] * 1001)), 413, "batch_too_large")
    assert_problem(send(b"[" + b" " * 16 * 1024 * 1024 + b"]"), 413, "request_entity_too_large")
    assert_problem(send('[{"username": "a", "username": "b"}]'), 400, "invalid_json", "/0")
    assert_problem(send(good, Content_Type="text/plain"), 415, "unsupported_media_type")
    assert_problem(send(good, Accept="image/gif"), 406, "not_acceptable")
    assert_problem(send(good, Idempotency_Key="short"), 400, "invalid_idempotency_key")
    assert_problem(send(good, Idempotency_Key="x" * 252), 400, "invalid_idempotency_key")
    assert usernames(client) == []


def test_a_body_that_is_too_large_alone_is_too_large_here(client: FlaskClient) -> None:
    results = sent(client, [hashed("Diego", displayName="x" * MAX_BODY_BYTES), hashed("Ana")])
    assert codes(results) == ["413", "201"]


def test_as_deep_as_alone(client: FlaskClient) -> None:
    inner: Any = 1
    for _ in range(62):
        inner = [inner]
    assert client.post("/v1/users", json=hashed("Ana", metadata={"a": inner})).status_code == 201
    assert codes(sent(client, [hashed("Bao", metadata={"a": inner})])) == ["201"]


@pytest.mark.parametrize("key", ["import-7", "x" * 251])
def test_an_array_that_is_sent_again_creates_nobody_twice(client: FlaskClient, key: str) -> None:
    bodies = [{"username": "Diego", "password": "123456"}, {"username": "Diego2"}, hashed("Ana")]
    first = sent(client, bodies, **keyed(key))
    again = sent(client, bodies, **keyed(key))
    assert codes(again) == codes(first) == ["201", "400", "201"]
    for before, after in ((first[0], again[0]), (first[2], again[2])):
        assert after["responseBody"] == before["responseBody"]
        assert after["responseHeaders"] == {**before["responseHeaders"], "Idempotent-Replayed": "true"}
    assert usernames(client) == ["Diego", "Ana"]


def test_what_was_refused_is_tried_again_and_another_payload_is_its_own_refusal(client: FlaskClient) -> None:
    sent(client, [hashed("Diego"), {"username": "Ana"}], **keyed())
    again = sent(client, [hashed("Zoe"), hashed("Ana"), hashed("Bao")], **keyed())
    assert codes(again) == ["422", "201", "201"]
    assert again[0]["responseBody"]["code"] == "idempotency_key_reused"
    assert usernames(client) == ["Diego", "Ana", "Bao"]


def test_a_user_of_the_array_has_the_same_key_at_the_other_doors(client: FlaskClient) -> None:
    (first,) = sent(client, [hashed("Diego")], **keyed("import-7"))
    alone = client.post("/v1/users", json=hashed("Diego"), headers=keyed("import-7:0"))
    assert alone.headers["Idempotent-Replayed"] == "true"
    assert alone.get_json() == first["responseBody"]
    assert alone.headers["Location"] == first["responseHeaders"]["Location"]
