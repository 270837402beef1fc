"""The gate on a folder of contracts: what it says, and what it publishes."""

from pathlib import Path

import pytest
import yaml

from tests.contract.gate.base import ABSENT, ANSWERED, BASE, STRING, Json, put
from tools.contract_gate.gate import Contracts, ReleaseError
from tools.contract_gate.rules import RULES
from tools.contract_gate.rules_page import page


@pytest.fixture
def contracts(tmp_path: Path) -> Contracts:
    write(tmp_path, BASE)
    return Contracts(tmp_path)


def write(folder: Path, document: Json, version: str = "1.0.0") -> None:
    (folder / "things.v1.yaml").write_text(yaml.safe_dump(put(document, "info/version", version)))


def released(contracts: Contracts) -> list[str]:
    return [str(path.relative_to(contracts.folder)) for path in contracts.release()]


def test_what_was_published_stays(contracts: Contracts) -> None:
    assert contracts.check() == (True, "things.v1: not published yet\n")
    assert released(contracts) == ["released/things.v1/1.0.0.yaml"]
    assert contracts.check() == (True, "things.v1: as published in 1.0.0\n")
    assert released(contracts) == []


def test_a_break_is_said_in_words(contracts: Contracts) -> None:
    contracts.release()
    write(contracts.folder, put(BASE, f"{ANSWERED}/name", ABSENT))
    is_good, words = contracts.check()
    assert not is_good
    assert "things.v1: since 1.0.0 " in words
    assert "BREAKS  GET /things, 200[].name: the member is no longer answered  [answer-member-removed]" in words
    assert "docs/versioning.md" in words
    with pytest.raises(ReleaseError, match=r"breaks 1\.0\.0"):
        contracts.release()


def test_an_addition_passes_and_is_published_under_a_number_of_its_own(contracts: Contracts) -> None:
    contracts.release()
    more = put(BASE, f"{ANSWERED}/size", STRING)
    write(contracts.folder, more)
    is_good, words = contracts.check()
    assert is_good
    assert "adds  GET /things, 200[].size: a new member is answered  [answer-member-added]" in words
    with pytest.raises(ReleaseError, match=r"version 1\.1\.0"):
        contracts.release()
    write(contracts.folder, more, "1.1.0")
    assert released(contracts) == ["released/things.v1/1.1.0.yaml"]
    write(contracts.folder, BASE, "1.1.0")
    assert not contracts.check()[0], "it is compared with the newest"


def test_better_words_are_a_patch(contracts: Contracts) -> None:
    contracts.release()
    better = put(BASE, "info/description", "Things.")
    write(contracts.folder, better)
    with pytest.raises(ReleaseError, match=r"version 1\.0\.1"):
        contracts.release()
    write(contracts.folder, better, "1.0.1")
    assert released(contracts) == ["released/things.v1/1.0.1.yaml"]


def test_a_version_is_never_just_gone(contracts: Contracts) -> None:
    contracts.release()
    (contracts.folder / "things.v1.yaml").unlink()
    is_good, words = contracts.check()
    assert not is_good
    assert RULES["version-removed"].says in words


@pytest.mark.parametrize(
    "meddle", [lambda path: path.write_text(path.read_text() + "# \n"), Path.unlink], ids=["edit", "remove"]
)
def test_a_published_file_is_not_edited(contracts: Contracts, meddle: object) -> None:
    (published,) = contracts.release()
    assert callable(meddle)
    meddle(published)
    is_good, words = contracts.check()
    assert not is_good
    assert "released/things.v1/1.0.0.yaml is not what was published" in words


def test_the_page_lists_every_rule_once() -> None:
    assert all(page().count(f"| `{name}` |") == 1 for name in RULES)
