"""A bad item inside a good batch: its own result says so, and its neighbours are unharmed."""

from typing import Any

import pytest

from tests.batch_service.api.asking import Api, check_refused, good
from tests.batch_service.api.tiny_api import TinyApi


@pytest.mark.parametrize("item", [None, 1, 1.5, True, "text", [], [good()]])
def test_what_is_not_an_object(api: Api, item: Any) -> None:
    check_refused(api.result(item), 400, "invalid_item", "")


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"method": 1}, "/method"),
        ({"method": None}, "/method"),
        ({"path": ["/1"]}, "/path"),
        ({"query": "a=b"}, "/query"),
        ({"headers": {"If-Match": 1}}, "/headers/If-Match"),
        ({"id": 1}, "/id"),
        ({"verb": "GET"}, "/verb"),
        ({"a/b~\0": 1}, "/a~1b~0\0"),
    ],
)
def test_what_has_another_form(api: Api, fault: dict[str, Any], pointer: str) -> None:
    check_refused(api.result({**good(), **fault}), 400, "invalid_item", pointer)


@pytest.mark.parametrize("method", ["post", "BREW", "", "GET\r\nX: y", "GET\0", "CONNECT", "TRACE", "OPTIONS"])
def test_a_method_that_is_unknown(api: Api, method: str) -> None:
    check_refused(api.result({"method": method}), 405, "method_not_allowed", "/method")


def test_a_method_that_the_entity_does_not_allow(api: Api) -> None:
    refused, read = api.results([good(), {"method": "GET"}], entity="readable")
    assert "GET, HEAD" in check_refused(refused, 405, "method_not_allowed", "/method")["error"]
    assert read["responseCode"] == "200"


@pytest.mark.parametrize("body", [0, 1, "text", "", True, False, 1.5])
def test_a_body_that_is_no_object_and_no_array(api: Api, body: Any) -> None:
    check_refused(api.result({"body": body}), 400, "invalid_body", "/body")


def test_a_body_where_none_belongs(api: Api) -> None:
    check_refused(api.result({"method": "GET", "body": {}}), 400, "invalid_body", "/body")


@pytest.mark.parametrize(
    "path", ["1", "/..", "/../users", "//evil", "http://evil/", "/%2e%2e/users", "/%252e%252e", "/1?x=1", "/1#x", "/\0", "/é"]
)
def test_a_path_that_leaves_the_collection(api: Api, path: str) -> None:
    check_refused(api.result({"method": "GET", "path": path}), 400, "invalid_path", "/path")


@pytest.mark.parametrize("value", [None, {}, [[1]]])
def test_a_query_that_is_no_text(api: Api, value: Any) -> None:
    check_refused(api.result({"method": "GET", "query": {"q": value}}), 400, "invalid_query", "/query/q")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("X-Other", "1", "invalid_header"),
        ("If-Match", "a\r\nHost: evil", "invalid_header"),
        ("If-Match", "日本", "invalid_header"),
        ("Host", "evil", "forbidden_header"),
        ("x-REAL-ip", "1.2.3.4", "forbidden_header"),
        ("X-Forwarded-For", "1.2.3.4", "forbidden_header"),
        ("Transfer-Encoding", "chunked", "forbidden_header"),
        ("Authorization", "Bearer x", "forbidden_header"),
    ],
)
def test_a_header_that_is_not_the_items_to_set(api: Api, name: str, value: str, code: str) -> None:
    check_refused(api.result({**good(), "headers": {name: value}}), 400, code, f"/headers/{name}")


@pytest.mark.parametrize("item_id", ["", "x" * 256, "a\0b", "a\nb"])
def test_what_is_no_id(api: Api, item_id: str) -> None:
    result = api.result({**good(), "id": item_id})
    check_refused(result, 400, "invalid_field", "/id")
    assert "id" not in result


@pytest.mark.parametrize("fault", [{"method": "BREW"}, {"method": 1}, {"path": "/.."}, {"verb": 1}])
def test_a_bad_item_is_told_by_its_id(api: Api, fault: dict[str, Any]) -> None:
    assert api.result({"id": "mine", **fault})["id"] == "mine"


def test_no_bad_item_reaches_the_target(api: Api, target: TinyApi) -> None:
    before = len(target.asked)
    bad = [{"method": "BREW"}, {"path": "/.."}, {"headers": {"Host": "evil"}}, {"body": 1}, {"verb": "GET"}]
    assert {result["responseCode"] for result in api.results([*bad, good()])} == {"400", "405", "201"}
    assert len(target.asked) == before + 1


def test_many_bad_items_are_answered_soon(api: Api) -> None:
    """Keys without end, each of them a fault: the sentence of the first is enough."""
    results = api.results([{f"k{n}": n for n in range(500)}] * 20)
    assert {result["responseCode"] for result in results} == {"400"}
