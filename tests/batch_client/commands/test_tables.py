import io

import pytest

from batch_client.commands.tables import Heading, table

HEADINGS = (Heading("name"), Heading("count", is_number=True), Heading("text"))


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(rows: list[tuple[str, str, str]], columns: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    return list(table(HEADINGS, rows, Screen()))


def test_columns_are_as_wide_as_they_need_also_in_other_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn([("紅樓夢", "7", "x"), ("Zoë", "1,000", "")], 80, monkeypatch) == [
        "NAME    COUNT  TEXT",
        "紅樓夢      7  x",
        "Zoë     1,000",
    ]


def test_the_last_column_gives_way_to_a_narrow_terminal_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("n" * 30, "1", "t" * 100)]
    assert drawn(rows, 60, monkeypatch)[1] == "n" * 30 + "      1  " + "t" * 20 + "…"
    assert drawn(rows, 20, monkeypatch)[1] == "n" * 30 + "      1  " + "t" * 19 + "…"


def test_nothing_is_cut_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert list(table(HEADINGS, [("n", "1", "t" * 500)], io.StringIO()))[1].endswith("t" * 500)


def test_a_table_is_shown_as_it_comes() -> None:
    lines = table(HEADINGS, (("n", str(number), "") for number in iter(int, 1)), io.StringIO())
    assert next(lines).startswith("NAME")
    assert next(lines).startswith("n")
