"""What the demo prints."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local_stack.demo import verdict
from local_stack.demo.batch_import import Import
from local_stack.demo.users_csv import Kind, Row, kinds_of

_SHOWN = 20
_TAKEN = "409 (one of each is created)"
_BECOMES = {
    Kind.GOOD: "201",
    Kind.SAME_NAME: _TAKEN,
    Kind.OTHER_CASE: _TAKEN,
    Kind.OTHER_FORM: _TAKEN,
    Kind.MISSING_PASSWORD: "400",
    Kind.TOO_LONG: "400",
}
_WHY_SLOW = """
Passwords in clear are slower because the users service must hash each one, and
argon2id is made to be expensive: 19 MiB and about 20 ms of a core a hash, here
and for whoever steals the table. An import of hashes leaves that to each user's
next log-in.
"""


def expectations(console: Console, rows: Sequence[Row]) -> None:
    """What the file holds, and what must become of it."""
    table = Table(title=f"{len(rows):,} rows", title_justify="left")
    for header in ("rows", "what they are", "expected"):
        table.add_column(header, justify="right" if header == "rows" else "left")
    for kind, count in kinds_of(rows).most_common():
        table.add_row(f"{count:,}", str(kind), _BECOMES[kind])
    console.print(table)


def outcome(console: Console, done: Import, *, connections: int | None) -> None:
    """What happened: created, refused and why, how fast, over how many connections."""
    made = verdict.created(done.results)
    console.print(f"\nUsers created: {made:,} in {done.seconds:.1f} s, {made / done.seconds:,.0f} users a second")
    console.print(f"Refused: {len(done.results) - made:,}")
    for (code, error), count in verdict.refusals(done.results).most_common():
        console.print(Text(f"  {count:5,} x {code} {error}"))
    console.print(f"Connections opened to the users service: {'unknown' if connections is None else connections}")


def comparison(console: Console, *, batch: float, loop: float, count: int) -> None:
    """The same import by a loop, as a ratio."""
    console.print(f"A loop of {count} single calls, a connection each: {loop:,.0f} users a second")
    console.print(f"The batch was {batch / loop:.1f} times as fast\n")


def conclusion(console: Console, faults: Sequence[str], *, plain: bool) -> None:
    """Whether all is as expected, and why passwords in clear take so long."""
    if not faults:
        console.print("Every count is as expected, to the item.")
    for fault in faults[:_SHOWN]:
        console.print(Text(f"NOT AS EXPECTED: {fault}"))
    if len(faults) > _SHOWN:
        console.print(f"... and {len(faults) - _SHOWN} more.")
    if plain:
        console.print(_WHY_SLOW, soft_wrap=True)
