"""What the table shows, and what makes a run fail."""

import pytest

from tests.faults.__main__ import is_good
from tests.faults.oracle import Verdict
from tests.faults.run import Row
from tests.faults.table import complaints, markdown


def row(verdict: Verdict | None = None, *, not_tried: str = "") -> Row:
    found = verdict or Verdict(accepted=1200, finished=1200)
    return Row(fault="worker killed", database="sqlite", broker="none", tried=25, verdict=found, not_tried=not_tried)


def bad(kind: str) -> Verdict:
    verdict = Verdict(accepted=3, finished=3)
    getattr(verdict, kind).extend(f"thing {number}" for number in range(12))
    return verdict


def test_a_line_holds_the_counts() -> None:
    assert "| worker killed | sqlite   | none   | 25          | 1,200" in markdown([row()])
    assert "| 12   | 0             | 0               |" in markdown([row(bad("lost"))])
    assert "| 0    | 12            | 0               |" in markdown([row(bad("twice"))])
    assert "| 0    | 0             | 12              |" in markdown([row(bad("wrong"))])


def test_what_is_not_tried_says_why() -> None:
    assert "NOT TRIED: no tmpfs" in markdown([row(not_tried="no tmpfs")])


@pytest.mark.parametrize("kind", ["lost", "twice", "wrong"])
def test_a_run_with_a_complaint_fails(kind: str) -> None:
    assert not is_good([row(), row(bad(kind))])
    assert complaints(row(bad(kind)))[-1] == "… and 2 more"


def test_a_run_in_which_nothing_was_accepted_fails() -> None:
    assert not is_good([row(Verdict())])
    assert not is_good([])
    assert complaints(row(Verdict()))


def test_what_is_not_tried_fails_in_ci_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert is_good([row(), row(not_tried="no tmpfs")])
    monkeypatch.setenv("CI", "true")
    assert not is_good([row(), row(not_tried="no tmpfs")])
    assert is_good([row()])
