import pytest
from flask.testing import FlaskClient

from servicekit.ids import new_id
from tests.users_service.api.users import assert_problem, created


@pytest.mark.parametrize("prefix", ["/users", "/v1/users"])
def test_get(client: FlaskClient, prefix: str) -> None:
    user = created(client)
    response = client.get(f"{prefix}/{user['userId']}")
    assert (response.status_code, response.get_json(), response.headers["ETag"]) == (200, user, '"1"')


def test_head(client: FlaskClient) -> None:
    response = client.head(f"/users/{created(client)['userId']}")
    assert (response.status_code, response.data, response.headers["ETag"]) == (200, b"", '"1"')
    assert int(response.headers["Content-Length"]) > 0


@pytest.mark.parametrize(("tag", "status"), [('"1"', 304), ('W/"1"', 304), ("*", 304), ('"2"', 200), ('"2", "1"', 304)])
def test_if_none_match(client: FlaskClient, tag: str, status: int) -> None:
    path = f"/users/{created(client)['userId']}"
    for call in (client.get, client.head):
        response = call(path, headers={"If-None-Match": tag})
        assert (response.status_code, response.headers["ETag"]) == (status, '"1"')
        assert (response.data == b"") == (status == 304 or call == client.head)


@pytest.mark.parametrize("user_id", ["{}", "x", "1", "%00", "..%2fusers", "{}%0a", "%7B{}%7D"])
def test_an_id_that_nobody_has(client: FlaskClient, user_id: str) -> None:
    created(client)
    user_id = user_id.format(new_id())
    answers = [
        client.get(f"/users/{user_id}"),
        client.patch(f"/users/{user_id}", json={}),
        client.put(f"/users/{user_id}", json={"username": "Zoe", "password": "x"}),
        client.delete(f"/users/{user_id}", headers={"If-Match": '"1"'}),
        client.post(f"/users/{user_id}/password-check", json={"password": "x"}),
    ]
    for answer in answers:
        if "%2f" in user_id:
            assert answer.status_code in (404, 405)
        else:
            assert_problem(answer, 404, "user_not_found")
