from collections.abc import Iterator

import pytest

from tests import checked_answers
from tests.system.ledger import Ledger


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger() as ledger:
        yield ledger


@pytest.fixture(autouse=True)
def _answers_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    checked_answers.watch(monkeypatch, "users", "batch")
