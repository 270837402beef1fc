"""`demo`: a fresh stack, an import, its check, and the same by a loop."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click
import requests
from rich.console import Console

from batch_client import BatchClient, BatchError
from local_stack import stop_request
from local_stack.demo import loop, report, users_csv, verdict
from local_stack.demo.batch_import import Import, import_users
from local_stack.demo.users_api import UsersApi
from local_stack.demo.users_csv import Kind, Row
from local_stack.demo.worker_log import connections_opened
from local_stack.errors import StackError
from local_stack.run import PORT, addresses, keep
from local_stack.supervisor import Stack

_ROWS, _PLAIN_ROWS = 10_000, 1_000
_LOOP_ROWS, _LOOP_SHARE = 300, 5  # at most so many, and at most a fifth of the file


@click.command()
@click.option("--users-port", type=PORT, envvar="USERS_PORT", show_envvar=True, help="Instead of a free one.")
@click.option("--batch-port", type=PORT, envvar="BATCH_PORT", show_envvar=True, help="Instead of a free one.")
@click.option("--plain", is_flag=True, envvar="PLAIN", show_envvar=True, help="1,000 passwords in clear instead of hashes.")
@click.option("--rows", "count", type=click.IntRange(500), help="Instead of 10,000, or 1,000 in clear.")
@click.option("--keep", "keeps", is_flag=True, envvar="KEEP", show_envvar=True, help="Leave the services up afterwards.")
@click.option("--follow-pid", type=int, hidden=True, help="End when this parent process ends.")
def demo(
    *, users_port: int | None, batch_port: int | None, plain: bool, count: int | None, keeps: bool, follow_pid: int | None
) -> None:
    """Import users from a CSV file, check every result, and compare with a loop of single calls."""
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="import-demo-"))
    faults: list[str] | None = None
    try:
        stop_request.listen(follow_pid)
        with Stack(var_dir=folder / "var", users_port=users_port, batch_port=batch_port) as stack:
            rows = users_csv.make_rows(count or (_PLAIN_ROWS if plain else _ROWS), plain=plain)
            faults = list(_run(stack, rows, folder / "users.csv", console=console))
            report.conclusion(console, faults, plain=plain)
            if keeps:
                click.echo(addresses(stack))
                keep(stack)
    except stop_request.StopRequestedError:
        click.echo("Stopping ...", err=True)
    except (StackError, BatchError, requests.RequestException) as error:
        faults = [str(error)]
        click.echo(f"Error: {error}", err=True)
    _tidy(folder, keep_logs=bool(faults))
    raise SystemExit(0 if faults == [] else 1)


def _run(stack: Stack, rows: Sequence[Row], file: Path, *, console: Console) -> Iterator[str]:
    """Yield a sentence for everything that is not as it must be."""
    users_csv.write(rows, file)
    report.expectations(console, rows)
    stack.wait_ready()
    users = UsersApi(stack.users_url, stack.api_key)
    with requests.Session() as session:
        session.trust_env = False  # a proxy in the environment is no way to this machine itself
        client = BatchClient(stack.batch_url, stack.api_key, session=session)
        done = import_users(client, users_csv.read_bodies(file), total=len(rows), console=console)
    connections = connections_opened(stack.var_dir.logs / "worker.log")
    report.outcome(console, done, connections=connections)
    yield from verdict.faults(rows, done)
    yield from _outside_faults(rows, done, users)
    if connections is None:
        yield "The worker's log does not say how many connections it opened."
    _compare(console, users, file, done)
    users.close()


def _outside_faults(rows: Sequence[Row], done: Import, users: UsersApi) -> Iterator[str]:
    stored, made = users.count(), verdict.created(done.results)
    if stored != made:
        yield f"The users service has {stored} users, the results say {made}."
    row, user_id = _proof(rows, done)
    assert row.password is not None
    if not users.accepts(user_id, row.password):
        yield f"The users service does not accept the password of {row.username}."
    if users.accepts(user_id, f"not {row.password}"):
        yield f"The users service accepts a wrong password of {row.username}."


def _proof(rows: Sequence[Row], done: Import) -> tuple[Row, str]:
    for row, result in zip(rows, done.results, strict=False):
        if row.kind is Kind.GOOD and result["responseCode"] == "201":
            return row, result["responseBody"]["userId"]
    raise StackError("Not one good row was imported.")


def _compare(console: Console, users: UsersApi, file: Path, done: Import) -> None:
    made = (body for body, result in zip(users_csv.read_bodies(file), done.results, strict=False) if _is_made(result))
    bodies = [
        {**body, "username": f"{body['username']} (loop)"}
        for body in islice(made, min(_LOOP_ROWS, len(done.results) // _LOOP_SHARE))
    ]
    single = loop.users_per_second(users.collection, bodies, users.headers)
    report.comparison(console, batch=verdict.created(done.results) / done.seconds, loop=single, count=len(bodies))


def _is_made(result: Any) -> bool:
    return bool(result["responseCode"] == "201")


def _tidy(folder: Path, *, keep_logs: bool) -> None:
    if keep_logs:
        click.echo(f"What the services wrote is kept in {folder / 'var' / 'logs'}", err=True)
    else:
        shutil.rmtree(folder)
