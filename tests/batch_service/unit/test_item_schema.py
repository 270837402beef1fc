from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_service.api.item_schema import ItemSchema, read_draft
from batch_service.domain.batch import Draft


def fault(raw: Any) -> tuple[str, str | None]:
    draft = read_draft(raw)
    assert draft.fault is not None
    assert (draft.fault.status, draft.fault.code) == (400, "invalid_item")
    return draft.fault.error, draft.fault.pointer


def test_everything_may_be_left_out() -> None:
    assert read_draft({}) == Draft()


def test_everything_may_be_said() -> None:
    raw = {
        "id": "a",
        "method": "PUT",
        "path": "/1",
        "query": {"q": 1},
        "headers": {"If-Match": "x"},
        "body": {"é": [1, 1.5, None]},
    }
    assert read_draft(raw) == Draft("a", "PUT", "/1", {"q": 1}, {"If-Match": "x"}, '{"é":[1,1.5,null]}'.encode())


@pytest.mark.parametrize("raw", [None, 1, 1.5, True, "text", [], [{}]])
def test_an_item_is_an_object(raw: Any) -> None:
    sentence, pointer = fault(raw)
    assert sentence.startswith("An item is an object")
    assert pointer == ""


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        ({"id": 1}, "/id"),
        ({"id": None}, "/id"),
        ({"method": 1}, "/method"),
        ({"method": None}, "/method"),
        ({"method": ["GET"]}, "/method"),
        ({"path": 1}, "/path"),
        ({"path": None}, "/path"),
        ({"query": []}, "/query"),
        ({"query": "a=b"}, "/query"),
        ({"headers": []}, "/headers"),
        ({"headers": None}, "/headers"),
        ({"headers": {"If-Match": 1}}, "/headers/If-Match"),
        ({"headers": {"a/b": None}}, "/headers/a~1b"),
        ({"verb": "GET"}, "/verb"),
        ({"Method": "GET"}, "/Method"),
        ({"__proto__": {}}, "/__proto__"),
    ],
)
def test_a_fault_of_form_is_pointed_at(raw: dict[str, Any], pointer: str) -> None:
    assert fault(raw)[1] == pointer


def test_a_faulty_item_keeps_an_id_that_is_a_text() -> None:
    assert read_draft({"id": "a", "method": 1}).id == "a"
    assert read_draft({"id": 7, "method": 1}).id is None


@pytest.mark.parametrize("body", [None, {}, [], {"a": 1}, [1], [[]]])
def test_a_container_or_nothing_is_a_body(body: Any) -> None:
    draft = read_draft({"body": body})
    assert draft.body_is_container
    assert (draft.body is None) == (body is None)


@pytest.mark.parametrize("body", [0, 1, "", "text", False, True, 1.5])
def test_anything_else_is_marked_as_none(body: Any) -> None:
    draft = read_draft({"body": body})
    assert draft.body is not None
    assert not draft.body_is_container


def test_a_body_travels_as_it_came() -> None:
    body = {"{{7*7}}": "${jndi:ldap://x}", "__proto__": {"a": "$0.id"}, "n": 12345678901234567890123, "nul": "\0", "pair": "😀"}
    draft = read_draft({"body": body})
    assert draft.body is not None
    assert "12345678901234567890123" in draft.body.decode()
    assert '"{{7*7}}":"${jndi:ldap://x}"' in draft.body.decode()
    assert "😀" in draft.body.decode()


_VALUES: st.SearchStrategy[Any] = st.sampled_from([None, True, 1, "", "a", [], {}, {"a": "b"}, {"a": 1}, {"a": None}])
_NAMES = st.sampled_from(["id", "method", "path", "query", "headers", "body", "verb"])


@given(st.dictionaries(_NAMES, _VALUES))
def test_what_is_read_at_a_glance_is_what_the_schema_says(raw: dict[str, Any]) -> None:
    is_faulty = bool(ItemSchema().validate(raw))
    draft = read_draft(raw)
    assert (draft.fault is not None) == is_faulty
    if not is_faulty:
        assert {"id": draft.id, "method": draft.method, "path": draft.path} == {"id": None, "method": "POST", "path": "", **{
            name: value for name, value in raw.items() if name in ("id", "method", "path")
        }}  # fmt: skip
        assert (draft.query, draft.headers) == (raw.get("query"), raw.get("headers"))
