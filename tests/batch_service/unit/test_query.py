from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from batch_service.domain.refusal import RefusedError
from batch_service.domain.target import MAX_QUERY_CHARACTERS, resolve
from tests.batch_service.making import URL, make_entity


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({}, ""),
        ({"a": []}, ""),
        ({"a": "1", "b": 2, "c": 1.5}, "?a=1&b=2&c=1.5"),
        ({"a": True, "b": False}, "?a=true&b=false"),
        ({"a": ["x", 1, True]}, "?a=x&a=1&a=true"),
        ({"a b": "c&d=e#f?g/h"}, "?a%20b=c%26d%3De%23f%3Fg%2Fh"),
        ({"": ""}, "?="),
        ({"q": "é\0\r\n+"}, "?q=%C3%A9%00%0D%0A%2B"),
    ],
)
def test_a_query_is_encoded(query: dict[str, Any], text: str) -> None:
    assert resolve(make_entity(), "/1", query) == f"{URL}/1{text}"


def test_an_encoded_query_reads_back() -> None:
    query: dict[str, object] = {"name": "Zoë & Søn=1", "tag": "a+b c"}
    assert dict(parse_qsl(urlsplit(resolve(make_entity(), "", query)).query)) == query


@pytest.mark.parametrize("value", [None, {"a": 1}, [None], [["a"]], [{"a": 1}]])
def test_what_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(RefusedError) as refused:
        resolve(make_entity(), "", {"a/b~c": value})
    refusal = refused.value.refusal
    assert (refusal.status, refusal.code, refusal.pointer) == (400, "invalid_query", "/query/a~1b~0c")


def test_a_query_has_a_greatest_length() -> None:
    assert resolve(make_entity(), "", {"a": "b" * (MAX_QUERY_CHARACTERS - 2)})
    with pytest.raises(RefusedError, match="longer than"):
        resolve(make_entity(), "", {"a": "b" * (MAX_QUERY_CHARACTERS - 1)})
