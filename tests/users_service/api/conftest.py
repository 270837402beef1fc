import pytest

from tests import checked_answers


@pytest.fixture(autouse=True)
def _answers_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    checked_answers.watch(monkeypatch, "users")
