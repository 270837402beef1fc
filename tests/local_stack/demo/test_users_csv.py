import base64
import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from local_stack.demo import names, users_csv
from local_stack.demo.users_csv import Kind, Row

DOUBLES = (Kind.SAME_NAME, Kind.OTHER_CASE, Kind.OTHER_FORM)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return users_csv.make_rows(10_000, plain=True)


def test_two_percent_are_bad_in_the_ways_that_are_told(rows: list[Row]) -> None:
    assert users_csv.kinds_of(rows) == {
        Kind.GOOD: 9_800,
        Kind.MISSING_PASSWORD: 60,
        Kind.TOO_LONG: 40,
        Kind.SAME_NAME: 40,
        Kind.OTHER_CASE: 30,
        Kind.OTHER_FORM: 30,
    }


def test_each_double_has_one_twin_and_nobody_else_has_any(rows: list[Row]) -> None:
    groups: dict[str, list[Kind]] = {}
    for row in rows:
        groups.setdefault(names.key(row.username), []).append(row.kind)
    doubled = [sorted(kinds) for kinds in groups.values() if len(kinds) > 1]
    assert Counter(map(tuple, doubled)) == {
        tuple(sorted((Kind.GOOD, kind))): count for kind, count in users_csv.kinds_of(rows).items() if kind in DOUBLES
    }


def test_doubles_are_spelled_as_their_kind_says(rows: list[Row]) -> None:
    spellings = {row.username for row in rows if row.kind is Kind.GOOD}
    for row in rows:
        if row.kind in DOUBLES:
            assert (row.username in spellings) == (row.kind is Kind.SAME_NAME)


def test_bad_rows_have_one_fault_each(rows: list[Row]) -> None:
    for row in rows:
        assert (len(row.username) > 128) == (row.kind is Kind.TOO_LONG)
        assert (row.password is None) == (row.kind is Kind.MISSING_PASSWORD) == ("password" not in row.cells)


def test_bad_rows_are_spread_over_the_file(rows: list[Row]) -> None:
    bad = [index for index, row in enumerate(rows) if row.kind is not Kind.GOOD]
    assert bad[0] < 500
    assert bad[-1] > 9_500


def test_the_file_is_read_back_as_bodies(tmp_path: Path) -> None:
    rows = users_csv.make_rows(1_000)
    users_csv.write(rows, tmp_path / "users.csv")
    bodies = list(users_csv.read_bodies(tmp_path / "users.csv"))
    assert [body["username"] for body in bodies] == [row.username for row in rows]
    assert all(body["passwordHash"].keys() == {"algorithm", "value"} for body in bodies if "passwordHash" in body)
    assert sum("passwordHash" not in body for body in bodies) == 6
    header = next(csv.reader((tmp_path / "users.csv").read_text("utf-8").splitlines()))
    assert header == ["username", "email", "displayName", "locale", "passwordHash.algorithm", "passwordHash.value"]


def test_hashes_are_those_of_the_passwords() -> None:
    rows = users_csv.make_rows(100)
    for cells, password in {row.cells["passwordHash.value"]: (row.cells, row.password) for row in rows}.values():
        _, algorithm, rounds, salt, digest = cells["passwordHash.value"].split("$")
        assert algorithm == cells["passwordHash.algorithm"] == "pbkdf2-sha256"
        assert rounds == "600000"
        assert password is not None
        assert hashlib.pbkdf2_hmac("sha256", password.encode(), decoded(salt), 600_000) == decoded(digest)


def decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"./")


def test_the_command_writes_the_same_file_each_time(tmp_path: Path) -> None:
    files = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for file in files:
        done = CliRunner().invoke(users_csv.users_csv, ["--plain", "--rows", "1000", str(file)])
        assert done.exit_code == 0
        assert "980 good" in done.output
    assert files[0].read_bytes() == files[1].read_bytes()
