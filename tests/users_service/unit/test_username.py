import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users_service.domain.errors import InvalidValueError
from users_service.domain.username import MAX_KEY_CHARACTERS, check_username, username_key

HONEST = [
    "Diego",
    "a",
    "x" * 128,
    "José",
    "Jose\u0301",
    "Владимир",
    "محمد",
    "שָׁלוֹם",
    "山田太郎",
    "김철수",
    "नरेन्द्र",
    "Σίσυφος",
    "ß" * 128,
    "ﬃ" * 128,
    "می\u200cخواهم",
    "👩🏽\u200d🚀",
    "two words",
    "O'Brien; DROP TABLE users",
    "\U0010fffd is private",
]
REFUSED = {
    "": "empty",
    "x" * 129: "Longer than 128",
    "a\0b": "U+0000",
    "tab\there": "U+0009",
    "line\nbreak": "U+000A",
    "del\x7f": "U+007F",
    "c1\x85": "U+0085",
    " lead": "white space",
    "trail ": "white space",
    "\u3000": "white space",
    "\u200b": "no visible",
    "\u200b \u200d": "no visible",
    "\u202e": "no visible",
    "undefined \u0378": "Unicode does not define",
    "\ufdfa" * 128: "too long in Unicode normal form",
}


@pytest.mark.parametrize("name", HONEST)
def test_accepts_honest_names(name: str) -> None:
    check_username(name)


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str) -> None:
    with pytest.raises(InvalidValueError, match=REFUSED[name].replace("+", r"\+")) as caught:
        check_username(name)
    assert caught.value.field == "username"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Diego", "dIEGO"),
        ("José", "Jose\u0301"),
        ("STRASSE", "straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Ｄｉｅｇｏ", "diego"),
        ("ﬁn", "FIN"),
        ("Å", "\u212b"),
        ("①", "1"),
        ("\u1e9e", "ss"),
        ("\u03aa\u0301", "\u0390"),  # folding decomposes the one and not the other
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert username_key(one) == username_key(other)


@pytest.mark.parametrize(("one", "other"), [("Diego", "Diego2"), ("José", "Jose"), ("Åse", "Ase"), ("а", "a"), ("ı", "i")])
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert username_key(one) != username_key(other)


def test_equivalent_and_differently_cased_characters_share_a_key() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if 0xD800 <= code < 0xE000 or unicodedata.category(character) == "Cn":
            continue
        key = username_key(character)
        assert username_key(unicodedata.normalize("NFD", character)) == key, hex(code)
        assert username_key(unicodedata.normalize("NFKC", character)) == key, hex(code)
        assert username_key(key) == key, hex(code)
        assert key.strip() or character.isspace(), hex(code)


@given(st.text(min_size=1, max_size=128))
def test_a_key_fits_its_column_and_an_index_of_postgresql(name: str) -> None:
    try:
        check_username(name)
    except InvalidValueError:
        return
    key = username_key(name)
    assert 0 < len(key) <= MAX_KEY_CHARACTERS
    assert len(key.encode()) <= 2704
