import pytest

from batch_service.api.ndjson import read_drafts
from batch_service.domain.batch import Draft
from servicekit.problems import ProblemError


def test_a_line_is_an_item_as_an_element_of_an_array_is() -> None:
    read = list(read_drafts([b'{"id": "a", "method": "PUT", "path": "/1", "body": {"n": 1}}\r\n', b'{"body": []}']))
    assert read == [Draft(id="a", method="PUT", path="/1", body=b'{"n":1}'), Draft(body=b"[]")]


def test_empty_lines_are_skipped() -> None:
    assert len(list(read_drafts([b"\n", b"{}\n", b" \t\r\n", b"{}\n", b"\n"]))) == 2
    assert list(read_drafts([])) == []


def test_what_is_no_item_is_the_fault_of_that_line() -> None:
    good, bad, unknown = read_drafts([b"{}\n", b"[]\n", b'{"verb": "POST"}\n'])
    assert good.fault is None
    assert bad.fault is not None
    assert unknown.fault is not None


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"{nope}", "Line 4 is not JSON: expecting property name enclosed in double quotes at column 2."),
        (b'{"a":1,"a":2}', 'Line 4: The key "a" stands twice in one object.'),
        (b"\xff", "Line 4 is not UTF-8 (byte 0)."),
        (b"\xef\xbb\xbf{}", "Line 4 starts with a byte order mark; send plain UTF-8."),
        (b"[" * 100, "Line 4 is nested deeper than 64 levels."),
        (b"{}{}", "Line 4 is not JSON: extra data at column 3."),
        (b'{"a": NaN}', "Line 4: NaN is no JSON number."),
    ],
)
def test_a_line_that_is_not_json_refuses_them_all_and_is_named(line: bytes, sentence: str) -> None:
    with pytest.raises(ProblemError) as caught:
        list(read_drafts([b"{}\n", b"\n", b"{}\n", line]))
    assert (caught.value.status, caught.value.code, caught.value.error) == (400, "invalid_json", sentence)
    assert caught.value.errors == [{"pointer": "/2", "detail": sentence}]
