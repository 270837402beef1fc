import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_client.records.formats import Form
from batch_client.records.rejects import Rejection, write_rejects
from tests.batch_client.records.reading import CSV, JSON, NDJSON, TSV, File

REJECTIONS = [Rejection(0, "409", "The name is taken."), Rejection(2, "", "=cmd()|x")]
TABLE = 'name,note\nAna,"1\n2"\nBo,x\n=Che,"a ""b"""\nDai,\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rejects"


def test_rows_are_written_as_they_stood_and_can_be_imported_again(file: File, path: Path) -> None:
    assert write_rejects(path, file.records(TABLE, CSV), REJECTIONS) == 2
    written = path.read_text()
    assert written.replace("\r\n", "\n") == (
        "name,note,batchctl:line,batchctl:responseCode,batchctl:error\n"
        'Ana,"1\n2",2,409,The name is taken.\n'
        '=Che,"a ""b""",5,,\'=cmd()|x\n'
    )
    assert file.bodies(written, CSV) == [{"name": "Ana", "note": "1\n2"}, {"name": "=Che", "note": 'a "b"'}]


def test_what_was_said_before_gives_way(file: File, path: Path) -> None:
    write_rejects(path, file.records(TABLE, CSV), REJECTIONS)
    again = path.read_text()
    write_rejects(path, file.records(again, CSV), [Rejection(1, "400", "No.")])
    assert path.read_text().splitlines() == [
        "name,note,batchctl:line,batchctl:responseCode,batchctl:error",
        '=Che,"a ""b""",4,400,No.',
    ]


def test_other_tables_stay_what_they_are(file: File, path: Path) -> None:
    write_rejects(path, file.records("a\tb\nx,y\tz\n", TSV), [Rejection(0, "400", "No.")])
    assert path.read_text().splitlines()[1] == "x,y\tz\t2\t400\tNo."
    write_rejects(path, file.records("a;b\nZoë;z\n".encode("utf-16"), Form("csv", ";", "utf-16")), [Rejection(0, "400", "No.")])
    assert path.read_bytes().decode("utf-16").splitlines()[1] == "Zoë;z;2;400;No."


def test_objects_are_written_as_they_stood(file: File, path: Path) -> None:
    lines = '{"a": 1, "b": {"ë": [null]}}\n\n{"a": 2}\n{"a": 3, "batchctl:error": "old"}\n'
    write_rejects(path, file.records(lines, NDJSON), REJECTIONS)
    said = '"batchctl:line":{},"batchctl:responseCode":"{}","batchctl:error":"{}"'
    first = '{"a":1,"b":{"ë":[null]},' + said.format(1, 409, "The name is taken.") + "}"
    second = '{"a":3,' + said.format(4, "", "=cmd()|x") + "}"
    assert path.read_text() == f"{first}\n{second}\n"
    array = '[{"a": 1, "b": {"ë": [null]}}, {"a": 2}, {"a": 3}]'
    write_rejects(path, file.records(array, JSON), REJECTIONS)
    assert path.read_text() == f"[\n{first},\n{second.replace(':4,', ':1,')}\n]\n"
    assert file.bodies(path.read_text(), JSON) == [{"a": 1, "b": {"ë": [None]}}, {"a": 3}]


@pytest.mark.parametrize(
    ("content", "form", "written"),
    [
        ("a\nx\n", CSV, "a,batchctl:line,batchctl:responseCode,batchctl:error\r\n"),
        ('{"a": 1}\n', NDJSON, ""),
        ('[{"a": 1}]', JSON, "[]\n"),
    ],
)
def test_where_nothing_failed_the_file_says_so(file: File, path: Path, content: str, form: Form, written: str) -> None:
    path.write_text("of an earlier import")
    assert write_rejects(path, file.records(content, form), []) == 0
    assert path.read_bytes().decode() == written


def test_nobody_else_may_read_them(file: File, path: Path) -> None:
    write_rejects(path, file.records(TABLE, CSV), REJECTIONS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_is_written_whole_or_not_at_all(file: File, path: Path) -> None:
    def lost() -> Iterator[Rejection]:
        yield REJECTIONS[0]
        raise ConnectionError

    path.write_text("of an earlier import")
    with pytest.raises(ConnectionError):
        write_rejects(path, file.records(TABLE, CSV), lost())
    assert path.read_text() == "of an earlier import"
    assert sorted(left.name for left in path.parent.iterdir()) == ["file", "rejects"]
