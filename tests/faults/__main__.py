"""`python -m tests.faults`: break everything, count, and fail if anything was lost or applied twice."""

import os
import sys
from collections.abc import Sequence
from math import ceil
from pathlib import Path

import click

from tests.faults.broker import answering_brokers
from tests.faults.catalogue import FAULTS
from tests.faults.fault import BROKERS, DATABASES, Fault
from tests.faults.run import Row, run_fault
from tests.faults.table import complaints, markdown

_KILLS = 200
_NAMES = [fault.name for fault in FAULTS]


@click.command()
@click.option("--database", "databases", multiple=True, type=click.Choice(DATABASES), help="Default: both.")
@click.option("--broker", "brokers", multiple=True, type=click.Choice(BROKERS), help="Default: all that answer.")
@click.option("--only", multiple=True, type=click.Choice(_NAMES), help="Only this fault.")
@click.option("--rounds", default=_KILLS, show_default=True, type=click.IntRange(1), help="Kills in all, at least.")
@click.option("--seed", default=1, show_default=True, help="Of every random choice.")
@click.option("--list", "only_list", is_flag=True, help="List the faults.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the table there too, as Markdown.")
def main(
    *,
    databases: tuple[str, ...],
    brokers: tuple[str, ...],
    only: tuple[str, ...],
    rounds: int,
    seed: int,
    only_list: bool,
    output: Path | None,
) -> None:
    """Break the batch service in every known way while batches run, and count what was lost or applied twice."""
    faults = [fault for fault in FAULTS if not only or fault.name in only]
    if only_list:
        click.echo("\n".join(fault.name for fault in faults))
        return
    runs = [
        (fault, database, broker)
        for fault in faults
        for database in (databases or DATABASES)
        if database in fault.databases
        for broker in (brokers or answering_brokers())
        if broker in fault.brokers
    ]
    kills = ceil(rounds / max(1, sum(fault.kills for fault, _, _ in runs)))
    rows = []
    for fault, database, broker in runs:
        times = kills if fault.kills else fault.times
        rows.append(_run(fault, database=database, broker=broker, times=times, seed=seed))
        if output is not None:
            output.write_text(f"{markdown(rows)}\n")
    click.echo(f"\n{markdown(rows)}")
    sys.exit(0 if is_good(rows) else 1)


def _run(fault: Fault, *, database: str, broker: str, times: int, seed: int) -> Row:
    click.echo(f"{fault.name}, {database}, broker {broker}: {times} times ...", err=True)
    row = run_fault(fault, database=database, broker=broker, times=times, seed=seed)
    for complaint in complaints(row):
        click.echo(complaint, err=True)
    if row.not_tried:
        click.echo(f"!!! NOT TRIED: {fault.name}, {database}, broker {broker}: {row.not_tried}", err=True)
    return row


def is_good(rows: Sequence[Row]) -> bool:
    is_ci = os.environ.get("CI") == "true"
    return bool(rows) and all(row.is_good and not (is_ci and row.not_tried) for row in rows)


if __name__ == "__main__":
    main()
