"""Names from many scripts, unique as a users service compares them, and other spellings of the same name."""

import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from random import Random

_TO_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True, slots=True)
class Name:
    """A username (NFC), the same name for display, and the locale of its script."""

    username: str
    display_name: str
    locale: str


def key(username: str) -> str:
    """Fold a username by case and compatibility form (Unicode section 3.13): equal keys are one name."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())
    return folded if folded == username else key(folded)


def draw(random: Random) -> Iterator[Name]:
    """Yield names without end, no two with the same key; a number tells namesakes apart."""
    scripts = tomllib.loads(files("local_stack.demo").joinpath("names.toml").read_text("utf-8"))["scripts"]
    seen: dict[str, int] = {}
    while True:
        script = random.choice(scripts)
        given, family = random.choice(script["given"]), random.choice(script["family"])
        plain = f"{given}.{family}"
        count = seen[key(plain)] = seen.get(key(plain), 0) + 1
        username = plain if count == 1 else f"{plain}.{count}"
        yield Name(unicodedata.normalize("NFC", username), f"{given} {family}", script["locale"])


def other_case(username: str) -> str | None:
    """Spell a name in capitals; None if its script has none."""
    return _another(username, username.upper())


def other_form(username: str) -> str | None:
    """Spell a name in another normalisation form: decomposed, or with its ASCII at full width."""
    decomposed = unicodedata.normalize("NFD", username)
    return _another(username, decomposed) or _another(username, username.translate(_TO_FULL_WIDTH))


def _another(username: str, spelling: str) -> str | None:
    return spelling if spelling != username and key(spelling) == key(username) else None
