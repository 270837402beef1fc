import pytest

from batch_client.records.record import MAX_CHARACTERS, RecordsError
from tests.batch_client.records.reading import JSON, NDJSON, File

RECORDS = [{"username": "Ana", "metadata": {"a.b": [1, 2.5, None, "ë"]}}, {"username": "Bo"}]


@pytest.mark.parametrize(
    "content",
    [
        '{"username": "Ana", "metadata": {"a.b": [1, 2.5, null, "ë"]}}\n{"username": "Bo"}\n',
        '\ufeff{"username": "Ana", "metadata": {"a.b": [1, 2.5, null, "ë"]}}\r\n\r\n  \n{"username": "Bo"}',
    ],
)
def test_lines(file: File, content: str) -> None:
    assert file.bodies(content, NDJSON) == RECORDS


@pytest.mark.parametrize(
    "content",
    [
        '[{"username": "Ana", "metadata": {"a.b": [1, 2.5, null, "ë"]}}, {"username": "Bo"}]',
        '\ufeff\n[\n{"username": "Ana",\n "metadata": {"a.b": [1, 2.5, null, "\\u00eb"]}}\n,\n{"username": "Bo"}\r\n]\r\n\r\n',
    ],
)
def test_an_array(file: File, content: str) -> None:
    assert file.bodies(content, JSON) == RECORDS


def test_an_array_of_any_length(file: File) -> None:
    content = "[" + ",\n".join(f'{{"n": {number}, "text": "{"x" * (number % 977)}"}}' for number in range(5000)) + "]"
    assert [body["n"] for body in file.bodies(content, JSON)] == list(range(5000))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[1]", "a record is a JSON object, and this is an array"),
        ('"text"', "this is a text"),
        ("null", "this is null"),
        ("7", "this is a number"),
        ("true", "this is true or false"),
        ("{", "not JSON: expecting property name enclosed in double quotes"),
        ('{"a": 1} {"a": 2}', "not JSON: extra data at column 10"),
        ('{"a": NaN}', "NaN is no number of JSON"),
        ('{"a": -Infinity}', "-Infinity is no number of JSON"),
        ('{"a": {"b": 1, "b": 2}}', "an object has 'b' twice"),
        ('{"a": "\\ud800"}', "half of a surrogate pair"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deep"),
    ],
)
def test_a_line_that_makes_no_item_is_told_with_its_neighbours_read(file: File, line: str, said: str) -> None:
    found = file.survey(f'{{"a": 1}}\n{line}\n{{"a": 3}}\n', NDJSON)
    (fault,) = found.faults
    assert fault.startswith("Line 2: ")
    assert said in fault
    assert found.total == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is no record in the file"),
        (b"\n \n", "There is no record in the file"),
        (b'{"a": 1}\n{"a": "\xff"}\n', "Line 2 is not UTF-8: byte 8 of it is 0xff"),
        (b'{"a": "' + b"x" * (2 * MAX_CHARACTERS), "Line 1 is longer than"),
    ],
)  # fmt: skip
def test_lines_that_cannot_be_read(file: File, content: bytes, said: str) -> None:
    with pytest.raises(RecordsError, match=said):
        file.survey(content, NDJSON)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Line 1 is not JSON: it is no array"),
        (b"[]", "There is no record in the file"),
        (b'\n\n{"users": []}', "Line 3 is not JSON: the file is one JSON object, and an array of them is wanted"),
        (b'[{"a": 1}\n{"a": 2}]', "Line 2 is not JSON: expecting ',' or ']'"),
        (b'[{"a": 1},\n{"a": 2}', "Line 2 is not JSON: expecting ',' or ']'"),
        (b'[{"a": 1},\n]', "Line 2 is not JSON: expecting value"),
        (b'[{"a": 1},\n{"a":\n\n oops}]', "Line 4 is not JSON: expecting value"),
        (b'[{"a": 1}]\n[]', "Line 2 is not JSON: there is something behind the array"),
        (b'[{"a": 1},\n{"a": "\xff"}]', "Line 2 is not UTF-8: it has the byte 0xff"),
        (b'[\n{"a": 1, "a": 2}]', "Line 2 is not JSON: an object has 'a' twice"),
        (b'[\n{"a": "' + b"x" * (2 * MAX_CHARACTERS), "Line 2 is not JSON: an element that begins there is longer than"),
    ],
)  # fmt: skip
def test_an_array_that_cannot_be_read(file: File, content: bytes, said: str) -> None:
    with pytest.raises(RecordsError, match=said):
        file.survey(content, JSON)


def test_an_element_that_is_no_object_is_told_by_its_line(file: File) -> None:
    assert file.survey('[{"a": 1},\n\n7, {"a": 2}]', JSON).faults == [
        "Line 3: a record is a JSON object, and this is a number."
    ]
