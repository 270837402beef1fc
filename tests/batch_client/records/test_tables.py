import gzip
import os
import subprocess
from pathlib import Path

import pytest

from batch_client.records.formats import Form
from batch_client.records.record import MAX_CHARACTERS, RecordsError
from batch_client.records.source import Source
from tests.batch_client.records.reading import CSV, TSV, File

ANA = {"username": "Ana", "metadata": {"team": "red"}}


@pytest.mark.parametrize(
    "content",
    [
        "username,metadata.team\nAna,red\n",
        "username,metadata.team\r\nAna,red\r\n",
        "username,metadata.team\rAna,red\r",
        "username,metadata.team\nAna,red",
        "\ufeffusername,metadata.team\nAna,red\n",
        '"username","metadata.team"\n"Ana","red"\n',
        " username ,metadata.team\n\nAna,red\n\n\n",
        gzip.compress(b"username,metadata.team\nAna,red\n"),
        gzip.compress("\ufeffusername,metadata.team\n".encode()) + gzip.compress(b"Ana,red\n"),
    ],
    ids=["lf", "crlf", "cr", "no end", "bom", "quoted", "blanks", "gzip", "gzip in two members"],
)
def test_tables_of_every_origin(file: File, content: str | bytes) -> None:
    assert file.bodies(content, CSV) == [ANA]


def test_quotes_hold_everything(file: File) -> None:
    content = 'username,note\n"O""Hara, Ana","two\r\nlines"\nZoë,紅\n'
    assert file.bodies(content, CSV) == [{"username": 'O"Hara, Ana', "note": "two\r\nlines"}, {"username": "Zoë", "note": "紅"}]


def test_tabs_and_other_delimiters(file: File) -> None:
    assert file.bodies("username\tnote\nAna\ta,b\n", TSV) == [{"username": "Ana", "note": "a,b"}]
    assert file.bodies("username;note\nAna;a,b\n", Form("csv", ";")) == [{"username": "Ana", "note": "a,b"}]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "cp1252", "shift-jis"])
def test_other_encodings_where_one_says_so(file: File, encoding: str) -> None:
    name = "紅" if encoding == "shift-jis" else "Zoë"
    content = f"username,note\n{name},x\n".encode(encoding)
    assert file.bodies(content, Form("csv", encoding=encoding)) == [{"username": name, "note": "x"}]


def test_an_empty_cell_says_nothing_and_a_space_does(file: File) -> None:
    assert file.bodies("a,b,c\n,x, \n", CSV) == [{"b": "x", "c": " "}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty"),
        ("\ufeff", "The file is empty"),
        ("\n\n", "The file is empty"),
        ("username,password\n", "There is no row in the file"),
        ("username,password\n\n\n", "There is no row in the file"),
        ("username,username\nAna,Bo\n", r"'username' more than once \(columns 1, 2\)"),
        ("username, username\nAna,Bo\n", r"'username' more than once \(columns 1, 2\)"),
        ("username,\nAna,Bo\n", "Column 2 has no name"),
        ("username;note\nAna;x\n", "does ';' divide the columns"),
        ("username\tnote\nAna\tx\n", "does a tab divide the columns"),
        ("a..b\nx\n", "'a..b' names no place"),
        ("a,a.b\nx,y\n", "'a' in the body would be both"),
        ('a,b\n"x"y,z\n', "Line 2 is not CSV: a cell has text behind its closing quote"),
        ('a,b\n1,2\n3,"4\n5,6\n', "Line 3 is not CSV: .* opens with a quote that is never closed"),
        ('a,b\n"two\nlines",2\n3,"4\n', "Line 4 is not CSV"),
        (b"a,b\nx,Zo\xeb\n", r"Line 2 is not UTF-8: byte 5 of it is 0xeb; if it is Latin-1, say --encoding latin-1"),
        (b"a,b\n" + b"x,y\n" * 9000 + b"\xff,y\n", r"Line 9002 is not UTF-8: byte 1 of it is 0xff"),
        ("a,b\nx,y\n".encode("utf-16"), "Line 1 is not UTF-8: .* UTF-16, say --encoding utf-16"),
        (gzip.compress(b"a,b\n1,2\n" * 999)[:-9], "no whole gzip file"),
        (b"\x1f\x8bnonsense", "no whole gzip file"),
        (gzip.compress(b"a\nx\n") + b"more", "no whole gzip file"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_told_by_its_line(file: File, content: str | bytes, said: str) -> None:
    with pytest.raises(RecordsError, match=said):
        file.survey(content, CSV)


def test_a_line_without_end_is_not_read_to_its_end(file: File) -> None:
    with pytest.raises(RecordsError, match="Line 2 is longer than 8,388,608 characters"):
        file.survey(b"a\n" + b"x" * (2 * MAX_CHARACTERS), CSV)


def test_a_quote_that_is_never_closed_is_not_read_for_ever(file: File) -> None:
    content = b'a\n"' + b"x" * 1000 + b"\n" + (b"y" * 1000 + b"\n") * 20_000
    with pytest.raises(RecordsError, match=r"is a quote not closed on line 2 or later"):
        file.survey(content, CSV)


def test_an_encoding_that_does_not_fit_is_told(file: File) -> None:
    with pytest.raises(RecordsError, match="The file is not shift_jis"):
        file.survey(b"a,b\n\x81\x20,y\n", Form("csv", encoding="shift_jis"))


def test_all_rows_of_another_width_are_told(file: File) -> None:
    found = file.survey('a,b\n1\n"1\n2",2,3\n1,2\n1,2,\n', CSV)
    assert found.faults == [
        "Line 2: the header has 2 cells, and the row 1.",
        "Line 3: the header has 2 cells, and the row 3.",
        "Line 6: the header has 2 cells, and the row 3.",
    ]
    assert (found.faulty, found.total) == (3, 1)


def test_only_the_first_faults_are_told_and_not_all_are_looked_for(file: File) -> None:
    found = file.survey("a,b\n" + "1\n" * 5000, CSV)
    assert (len(found.faults), found.faulty) == (10, 1000)


def test_an_item_that_is_longer_than_its_cells_is_told(file: File) -> None:
    found = file.survey("a\nx\n" + "\x01" * (MAX_CHARACTERS // 4) + "\n", CSV)
    assert found.faults == ["Line 3: the item is longer than 8,388,608 bytes."]
    assert found.total == 1


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="nowhere cannot be read: No such file or directory"):
        Source(str(tmp_path / "nowhere"))
    with pytest.raises(RecordsError, match="cannot be read: Is a directory"):
        Source(str(tmp_path))


def test_a_pipe_is_kept_so_that_it_can_be_read_twice(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", f"printf 'a\\nx\\n' > {pipe}"]):
        source = Source(str(pipe))
    with source:
        for _ in range(2):
            with source.open() as opened:
                assert opened.read() == b"a\nx\n"
        assert source.size == 4


def test_one_is_told_how_many_bytes_were_taken(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(os.urandom(2_000_000)))
    taken: list[int] = []
    with Source(str(path)).open(taken.append) as opened:
        while opened.read(65536):
            pass
    assert taken == sorted(taken)
    assert taken[-1] == path.stat().st_size == Source(str(path)).size
    assert len(taken) > 5
