import pytest
from flask.testing import FlaskClient

from tests.users_service.api.users import assert_problem, created


def test_delete(client: FlaskClient) -> None:
    path = f"/users/{created(client)['userId']}"
    answer = client.delete(path)
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers
    for again in (client.delete(path), client.get(path)):
        assert_problem(again, 404, "user_not_found")
    created(client)  # the name is free again


@pytest.mark.parametrize(("tag", "status"), [('"1"', 204), ("*", 204), ('"2"', 412), ('W/"1"', 412)])
def test_if_match(client: FlaskClient, tag: str, status: int) -> None:
    path = f"/users/{created(client)['userId']}"
    assert client.delete(path, headers={"If-Match": tag}).status_code == status
    assert client.get(path).status_code == (404 if status == 204 else 200)
