import unicodedata
from itertools import islice
from random import Random

import pytest

from local_stack.demo import names


def some(count: int) -> list[names.Name]:
    return list(islice(names.draw(Random(1)), count))


def test_no_two_names_are_one_name() -> None:
    drawn = some(12_000)
    assert len({names.key(name.username) for name in drawn}) == len(drawn)


def test_names_come_from_many_scripts_in_the_usual_form() -> None:
    drawn = some(2_000)
    scripts = {unicodedata.name(name.username[0]).split()[0] for name in drawn}
    assert len(scripts) >= 15
    assert {"LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW", "CJK", "HANGUL", "ETHIOPIC", "THAI"} <= scripts
    assert all(unicodedata.is_normalized("NFC", name.username) for name in drawn)
    assert max(len(name.username) for name in drawn) < 60


def test_the_same_seed_draws_the_same_names() -> None:
    assert some(50) == some(50)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zoë", "ZOË"), ("Zoë", "Zoe\u0308"), ("Παπαδόπουλος", "ΠΑΠΑΔΌΠΟΥΛΟΣ"), ("Groß.2", "ＧＲＯＳＳ．２"), ("ﬁ", "FI")],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


def test_another_spelling_is_another_text_of_the_same_name() -> None:
    assert names.other_case("Наталья.2") == "НАТАЛЬЯ.2"
    assert names.other_case("さくら.2") is None
    assert names.other_form("Zoë") == "Zoe\u0308"
    assert names.other_form("王.李") == "王．李"
    assert names.other_form("王") is None
