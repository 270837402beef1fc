import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_service.api.csv_rows import read_drafts
from servicekit.problems import ProblemError


def bodies(text: str | bytes) -> list[Any]:
    data = text.encode() if isinstance(text, str) else text
    drafts = list(read_drafts(data.splitlines(keepends=True)))
    assert all(draft.method == "POST" and draft.path == "" and draft.id is None for draft in drafts)
    return [None if draft.fault else json.loads(draft.body or b"") for draft in drafts]


def test_a_row_is_the_body_of_a_post() -> None:
    assert bodies("username,password\nDiego,123456\nAna,007\n") == [
        {"username": "Diego", "password": "123456"},
        {"username": "Ana", "password": "007"},
    ]


def test_dotted_headers_nest() -> None:
    text = "name,address.city,address.geo.lat\nAna,Lima,-12.0\n"
    assert bodies(text) == [{"name": "Ana", "address": {"city": "Lima", "geo": {"lat": "-12.0"}}}]


def test_an_empty_cell_says_nothing() -> None:
    assert bodies('a,b.c,d\n,"",x\n,y,\n,,\n') == [{"d": "x"}, {"b": {"c": "y"}}, {}]


@pytest.mark.parametrize(
    "text",
    ["a,b\r\n1,2\r\n", "\ufeffa,b\n1,2", " a , b \n1,2\n\n\n", '"a","b"\n"1","2"\n'],
    ids=["CRLF", "byte order mark", "spaces and blank lines", "quotes"],
)
def test_what_spreadsheets_write_is_read(text: str) -> None:
    assert bodies(text) == [{"a": "1", "b": "2"}]


def test_a_cell_may_have_commas_quotes_and_lines() -> None:
    assert bodies('a,b\n"x, ""y""\nz",1\n') == [{"a": 'x, "y"\nz', "b": "1"}]


def test_a_row_of_another_length_is_its_own_fault() -> None:
    assert bodies("a,b\n1\n1,2\n1,2,3\n") == [None, {"a": "1", "b": "2"}, None]
    short, _, _ = read_drafts([b"a,b\n", b"1\n", b"1,2\n", b"1,2,3\n"])
    assert short.fault is not None
    assert short.fault.error == "The row has 1 cells, and the header 2"


@pytest.mark.parametrize("text", ["", "a,b\n", "a,b\n\n\n"])
def test_without_rows_there_are_no_items(text: str) -> None:
    assert bodies(text) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"a,a\n1,2\n", "The header has 'a' in it twice."),
        (b"a,\n1,2\n", "The header has '' in it; a column needs a name, and so does each part of one between dots."),
        (b"a,b..c\n1,2\n", "The header has 'b..c' in it; a column needs a name, and so does each part of one between dots."),
        (b"a,a.b\n1,2\n", "The header has 'a.b' in it, and what that lies in: a member is text or an object, not both."),
        (b"a.b.c,a.b\n1,2\n", "The header has 'a.b.c' in it, and what that lies in: a member is text or an object, not both."),
        (b'a,b\n1,"2\n', "Line 2 is not CSV: unexpected end of data."),
        (b'a,b\n"1"x,2\n', "Line 2 is not CSV: ',' expected after '\"'."),
        (b"a,b\n1,\xff\n", "Line 2 is not UTF-8 (byte 2)."),
        (b"a\n" + b"x" * 200_000, "Line 2 is not CSV: field larger than field limit (131072)."),
    ],
)
def test_what_is_not_csv_refuses_them_all_and_is_named(data: bytes, sentence: str) -> None:
    with pytest.raises(ProblemError) as caught:
        bodies(data)
    assert (caught.value.status, caught.value.code, caught.value.error) == (400, "invalid_csv", sentence)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=2, max_size=2)))
def test_whatever_a_csv_writer_writes_is_read(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    drafts = read_drafts([line + b"\n" for line in text.getvalue().encode().split(b"\n")])
    assert [json.loads(draft.body or b"") for draft in drafts] == [{"a": first, "b": second} for first, second in rows]
