"""`python -m benchmarks`: what `make bench` runs."""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks import chart, marks, results_file, text_table
from benchmarks.bodies import Bodies
from benchmarks.children import CHECKOUT
from benchmarks.measure import Measurer
from benchmarks.rounds import Table, run_table
from benchmarks.row import Pace
from benchmarks.rows import all_rows
from benchmarks.target import TARGETS
from benchmarks.world import World
from local_stack import stop_request

_ROUNDS = {"full": 3, "quick": 2, "tiny": 1}
_SECONDS = {"full": 4.0, "quick": 1.0, "tiny": 1.0}
_QUICK_S = 35.0  # no further round begins then
_QUICK_TARGETS = ("users", "nginx", "far")


@click.command()
@click.option("--list", "lists", is_flag=True, help="List rows and targets.")
@click.option("--only", "names", multiple=True, metavar="ROW", help="Only this row; may be given more than once.")
@click.option("--target", "targets", multiple=True, metavar="TARGET", help="Only this target; may be given more than once.")
@click.option("--quick", is_flag=True, envvar="QUICK", show_envvar=True, help="Few items: ends within a minute.")
@click.option("--long", is_flag=True, envvar="LONG", show_envvar=True, help="Also the job of 1,000,000 items.")
@click.option("--tiny", is_flag=True, hidden=True, help="Hardly any items: numbers mean nothing.")
@click.option("--rounds", type=click.IntRange(1, 20), help="Instead of 3, or 2 with --quick.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=CHECKOUT / "benchmarks" / "results", show_default=False
)
@click.option("--follow-pid", type=int, hidden=True, help="End when this parent process ends.")
def main(
    *,
    lists: bool,
    names: tuple[str, ...],
    targets: tuple[str, ...],
    quick: bool,
    long: bool,
    tiny: bool,
    rounds: int | None,
    out: Path,
    follow_pid: int | None,
) -> None:
    """Send users in many ways to the same targets, and compare."""
    rows = all_rows()
    if lists:
        for row in rows:
            click.echo(f"{row.name:16} {row.title} ({', '.join(sorted(row.targets))})")
        return
    size = "tiny" if tiny else "quick" if quick else "full"
    _refuse_unknown(names, {row.name for row in rows})
    _refuse_unknown(targets, {target.name for target in TARGETS})
    chosen = [row for row in rows if row.name in names] if names else [row for row in rows if row.in_quick or size != "quick"]
    chosen = [row for row in chosen if long or row.pace is not Pace.LONG]
    wanted = targets or (_QUICK_TARGETS if size == "quick" else [target.name for target in TARGETS])
    stop_request.listen(follow_pid)
    rounds = rounds or _ROUNDS[size]
    ends_by = time.monotonic() + _QUICK_S if size == "quick" else float("inf")
    tables: list[Table] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, World(Path(folder)) as world:
        measure = Measurer(world, Bodies(Path(folder)), _SECONDS[size])
        for target in TARGETS:
            if target.name in wanted:
                tables.append(run_table(target, chosen, measure, size=size, rounds=rounds, ends_by=ends_by, say=_say))
                click.echo("\n" + "\n".join(text_table.lines(tables[-1])) + "\n")
    if size != "full":
        click.echo("A small run: the marks are meant for the items of a full one.")
    click.echo("\n".join(marks.lines({table.target.name: table for table in tables})))
    results_file.write(out / "latest.json", tables, size=size, rounds=rounds)
    chart.write(out / "latest.svg", tables)
    click.echo(f"\nWritten: {out / 'latest.json'}, {out / 'latest.svg'}")


def _refuse_unknown(names: Sequence[str], known: set[str]) -> None:
    unknown = sorted(set(names) - known)
    if unknown:
        raise click.UsageError(f"There is no {', '.join(unknown)}; --list shows what there is.")


def _say(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    sys.exit(main())
