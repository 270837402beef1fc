import pytest
from flask.testing import FlaskClient

from servicekit.pagination import encode_cursor
from tests.users_service.api.users import assert_problem, created


def test_an_empty_list(client: FlaskClient) -> None:
    response = client.get("/v1/users")
    assert (response.status_code, response.get_json()) == (200, {"users": [], "next": None})
    assert "Link" not in response.headers


@pytest.mark.parametrize("path", ["/users", "/v1/users"])
def test_pages_link_to_each_other(client: FlaskClient, path: str) -> None:
    users = [created(client, username=f"user {number}") for number in range(5)]
    seen: list[object] = []
    pages = 0
    address: str | None = f"{path}?limit=2"
    while address is not None:
        response = client.get(address)
        seen += response.get_json()["users"]
        pages += 1
        link = response.headers.get("Link")
        assert (link is None) == (response.get_json()["next"] is None)
        address = None if link is None else link.removeprefix("<").removesuffix('>; rel="next"')
    assert seen == users
    assert pages == 3


def test_a_full_last_page_has_no_successor(client: FlaskClient) -> None:
    for number in range(2):
        created(client, username=f"user {number}")
    assert client.get("/users?limit=2").get_json()["next"] is None


def test_a_page_goes_on_although_its_last_user_was_deleted(client: FlaskClient) -> None:
    users = [created(client, username=f"user {number}") for number in range(3)]
    cursor = client.get("/users?limit=1").get_json()["next"]
    client.delete(f"/users/{users[0]['userId']}")
    assert client.get(f"/users?cursor={cursor}").get_json()["users"] == users[1:]


@pytest.mark.parametrize("name", ["José", "JOSÉ", "Jose\u0301"])
def test_by_name(client: FlaskClient, name: str) -> None:
    jose = created(client, username="José")
    created(client, username="Jose")
    assert client.get("/users", query_string={"username": name}).get_json() == {"users": [jose], "next": None}


def test_by_a_name_that_nobody_has(client: FlaskClient) -> None:
    created(client)
    assert client.get("/users?username=nobody").get_json()["users"] == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=1001", "/limit"),
        ("limit=many", "/limit"),
        ("limit=", "/limit"),
        ("limit=1.5", "/limit"),
        (f"limit={'9' * 5000}", "/limit"),
        ("cursor=", "/cursor"),
        ("cursor=nonsense", "/cursor"),
        (f"cursor={encode_cursor(5)}", "/cursor"),
        (f"cursor={encode_cursor('x')}", "/cursor"),
        ("username=%00", "/username"),
        ("username=", "/username"),
        (f"username={'x' * 129}", "/username"),
    ],
    ids=lambda text: text[:30],
)
def test_a_wrong_query(client: FlaskClient, query: str, pointer: str) -> None:
    assert_problem(client.get(f"/users?{query}"), 400, "invalid_field", pointer)


def test_a_name_that_is_no_utf8(client: FlaskClient) -> None:
    assert client.get("/users?username=%ff%fe").status_code == 200
