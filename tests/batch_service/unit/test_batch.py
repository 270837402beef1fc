from typing import Any

import pytest

from batch_service.domain.batch import MAX_ID_CHARACTERS, Draft, Refused, check_size, read_items
from batch_service.domain.entity import METHODS
from batch_service.domain.errors import DuplicateIdError, EmptyBatchError, TooManyItemsError
from batch_service.domain.item import Item
from batch_service.domain.refusal import Refusal
from tests.batch_service.making import URL, make_entity


def read(**values: Any) -> Item | Refused:
    (read,) = read_items(make_entity(methods=frozenset(METHODS) - {"DELETE"}), [Draft(**values)])
    return read


def refusal(**values: Any) -> tuple[int, str, str | None]:
    read_item = read(**values)
    assert isinstance(read_item, Refused)
    return read_item.refusal.status, read_item.refusal.code, read_item.refusal.pointer


def test_a_batch_has_at_least_one_item_and_not_too_many() -> None:
    check_size(1, max_items=2)
    check_size(2, max_items=2)
    with pytest.raises(EmptyBatchError):
        check_size(0, max_items=2)
    with pytest.raises(TooManyItemsError, match="The batch has 3 items; send at most 2 in one call") as refused:
        check_size(3, max_items=2)
    assert refused.value.limit == 2


def test_an_item_is_read_with_its_defaults() -> None:
    assert read() == Item(0, None, "POST", URL)
    assert read(id="a", method="PUT", path="/1", query={"q": 1}, body=b"{}") == Item(0, "a", "PUT", f"{URL}/1?q=1", {}, b"{}")


def test_a_bad_item_leaves_its_neighbours_and_their_places_alone() -> None:
    drafts = [Draft(id="a"), Draft(method="BREW"), Draft(fault=Refusal(400, "invalid_item", "No", "")), Draft(id="b")]
    first, second, third, fourth = read_items(make_entity(), drafts)
    assert (first, fourth) == (Item(0, "a", "POST", URL), Item(3, "b", "POST", URL))
    assert isinstance(second, Refused)
    assert isinstance(third, Refused)
    assert (second.index, third.index) == (1, 2)


@pytest.mark.parametrize("item_id", ["a", "é", "😀", "x" * MAX_ID_CHARACTERS, "' OR 1=1", "a/b~c", " "])
def test_an_id_is_any_short_text(item_id: str) -> None:
    assert read(id=item_id) == Item(0, item_id, "POST", URL)


@pytest.mark.parametrize("item_id", ["", "x" * (MAX_ID_CHARACTERS + 1), "a\0b", "a\nb", "\x7f", "\t"])
def test_what_is_no_id_is_refused_and_not_echoed(item_id: str) -> None:
    assert refusal(id=item_id) == (400, "invalid_field", "/id")
    assert getattr(read(id=item_id), "id", item_id) is None


@pytest.mark.parametrize(
    "other", [Draft(id="same"), Draft(id="same", method="BREW"), Draft(id="same", fault=Refusal(400, "x", "y"))]
)
def test_two_items_with_one_id_are_refused_as_a_whole(other: Draft) -> None:
    with pytest.raises(DuplicateIdError, match="Items 1 and 3 have the same id") as refused:
        read_items(make_entity(), [Draft(), Draft(id="same"), Draft(id="SAME"), other])
    assert refused.value.second == 3


def test_a_refused_item_keeps_its_id() -> None:
    (refused,) = read_items(make_entity(), [Draft(id="a", fault=Refusal(400, "invalid_item", "No", ""))])
    assert refused == Refused(0, "a", "POST", Refusal(400, "invalid_item", "No", ""))


@pytest.mark.parametrize(
    "method",
    ["DELETE", "post", "Get", "BREW", "", " GET", "GET ", "GET\r\nX: y", "GET\0", "CONNECT", "TRACE", "OPTIONS", "ＧＥＴ"],
)
def test_a_method_that_is_unknown_or_not_allowed_is_refused(method: str) -> None:
    assert refusal(method=method) == (405, "method_not_allowed", "/method")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_call_that_takes_no_body_is_refused_with_one(method: str) -> None:
    assert refusal(method=method, body=b"{}") == (400, "invalid_body", "/body")
    assert isinstance(read(method=method), Item)


def test_a_body_that_is_no_object_and_no_array_is_refused() -> None:
    assert refusal(body=b'"text"', body_is_container=False) == (400, "invalid_body", "/body")


def test_a_path_that_leaves_the_collection_is_refused() -> None:
    assert refusal(path="/../admin") == (400, "invalid_path", "/path")
