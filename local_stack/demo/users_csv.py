"""Users to import, as a CSV file that is not all clean: always the same ones, and it is known what is wrong with each.

The header names the members of a user, a dot goes one level deeper; an empty cell is a member that is not there.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import click

from local_stack.demo import names
from local_stack.demo.names import Name
from local_stack.demo.passwords import Password, make_passwords

SEED = 20_261_122
MAX_USERNAME_CHARACTERS = 128


class Kind(StrEnum):
    """What a row is, and so what must become of it."""

    GOOD = "good"
    SAME_NAME = "another's name"
    OTHER_CASE = "another's name in capitals"
    OTHER_FORM = "another's name in other Unicode form"
    MISSING_PASSWORD = "missing password"  # noqa: S105 - a kind of row
    TOO_LONG = "over-long name"


_PER_10_000 = {Kind.SAME_NAME: 40, Kind.OTHER_CASE: 30, Kind.OTHER_FORM: 30, Kind.MISSING_PASSWORD: 60, Kind.TOO_LONG: 40}
_SPELLINGS: dict[Kind, Callable[[str], str | None]] = {
    Kind.SAME_NAME: str,
    Kind.OTHER_CASE: names.other_case,
    Kind.OTHER_FORM: names.other_form,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A user of the file: what it is, its password in clear (None: it has none), its cells."""

    kind: Kind
    password: str | None
    cells: Mapping[str, str]

    @property
    def username(self) -> str:
        """The name as it stands in the file."""
        return self.cells["username"]


def make_rows(count: int, *, plain: bool = False, seed: int = SEED) -> list[Row]:
    """Make the users of a file, about 2 % of them bad; the same for the same arguments.

    They carry password hashes, or with `plain` passwords in clear.
    """
    random = Random(seed)  # noqa: S311 - repeatable is what is wanted
    drafts = _drafts(random, count)
    random.shuffle(drafts)
    passwords = make_passwords(random, plain=plain)
    return [
        _row(number, kind, name, None if kind is Kind.MISSING_PASSWORD else random.choice(passwords))
        for number, (kind, name) in enumerate(drafts, 1)
    ]


def write(rows: Sequence[Row], path: Path) -> None:
    """Write the file, in UTF-8."""
    header = list(dict.fromkeys(column for row in rows for column in row.cells))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, restval="")
        writer.writeheader()
        writer.writerows(row.cells for row in rows)


def read_bodies(path: Path) -> Iterator[dict[str, Any]]:
    """Read a file back as the bodies of `POST /users`, a row each."""
    with path.open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            body: dict[str, Any] = {}
            for column, cell in cells.items():
                outer, _, inner = column.partition(".")
                if cell and inner:
                    body.setdefault(outer, {})[inner] = cell
                elif cell:
                    body[outer] = cell
            yield body


def kinds_of(rows: Sequence[Row]) -> Counter[Kind]:
    """Count the rows of each kind."""
    return Counter(row.kind for row in rows)


def _drafts(random: Random, count: int) -> list[tuple[Kind, Name]]:
    bad = {kind: share * count // 10_000 for kind, share in _PER_10_000.items()}
    drawn = names.draw(random)
    good = list(islice(drawn, count - sum(bad.values())))
    drafts = [(Kind.GOOD, name) for name in good]
    drafts += [(Kind.MISSING_PASSWORD, name) for name in islice(drawn, bad[Kind.MISSING_PASSWORD])]
    drafts += [(Kind.TOO_LONG, _stretched(random, name)) for name in islice(drawn, bad[Kind.TOO_LONG])]
    originals = iter(random.sample(good, len(good)))  # one iterator for all: nobody is doubled twice
    for kind, spell in _SPELLINGS.items():
        spelled = ((name, spell(name.username)) for name in originals)
        doubles = (replace(name, username=other) for name, other in spelled if other)
        drafts += [(kind, double) for double in islice(doubles, bad[kind])]
    return drafts


def _stretched(random: Random, name: Name) -> Name:
    length = random.randint(MAX_USERNAME_CHARACTERS + 1, 2 * MAX_USERNAME_CHARACTERS)
    repeated = f"{name.username}." * (length // len(name.username) + 1)
    return replace(name, username=repeated)


def _row(number: int, kind: Kind, name: Name, password: Password | None) -> Row:
    cells = {
        "username": name.username,
        "email": f"user{number:05d}@import.example",
        "displayName": name.display_name,
        "locale": name.locale,
        **(password.cells if password else {}),
    }
    return Row(kind, password.clear if password else None, cells)


@click.command("users-csv")
@click.option("--rows", "count", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--plain", is_flag=True, help="Passwords in clear instead of hashes.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def users_csv(*, count: int, plain: bool, file: Path) -> None:
    """Write users to import to FILE and say what is wrong with how many of them."""
    rows = make_rows(count, plain=plain)
    write(rows, file)
    for kind, number in kinds_of(rows).most_common():
        click.echo(f"{number:7,} {kind}")
