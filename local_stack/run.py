"""`run`: both services and the worker in the foreground, until somebody asks them to end."""

import json
import shlex
import time
from pathlib import Path

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from local_stack import stop_request
from local_stack.errors import StackError
from local_stack.supervisor import Stack

_TEND_S = 0.2
PORT = click.IntRange(1, 65535)
_TWO_ITEMS: list[dict[str, object]] = [
    {"method": "POST", "body": {"username": "Diego", "password": "123456"}},
    {"method": "POST", "body": {"username": "Diego2"}},
]


@click.command()
@click.option("--users-port", type=PORT, envvar="USERS_PORT", default=8001, show_default=True, show_envvar=True)
@click.option("--batch-port", type=PORT, envvar="BATCH_PORT", default=8002, show_default=True, show_envvar=True)
@click.option(
    "--var-dir", type=click.Path(path_type=Path), envvar="VAR_DIR", default="var", show_default=True, show_envvar=True
)
@click.option("--users-database-url", envvar="USERS_DATABASE_URL", show_envvar=True, help="Instead of users.db in VAR_DIR.")
@click.option("--database-url", envvar="DATABASE_URL", show_envvar=True, help="Instead of batch.db in VAR_DIR.")
@click.option("--broker-url", envvar="BROKER_URL", show_envvar=True, help="RabbitMQ or Redis, instead of the embedded worker.")
@click.option("--follow-pid", type=int, hidden=True, help="End when this parent process ends.")
def run(
    *,
    users_port: int,
    batch_port: int,
    var_dir: Path,
    users_database_url: str | None,
    database_url: str | None,
    broker_url: str | None,
    follow_pid: int | None,
) -> None:
    """Start both services and the worker in the foreground; Ctrl-C ends them."""
    _name_servers(USERS_DATABASE_URL=users_database_url, DATABASE_URL=database_url, BROKER_URL=broker_url)
    stack = Stack(
        var_dir=var_dir,
        users_port=users_port,
        batch_port=batch_port,
        users_database_url=users_database_url,
        batch_database_url=database_url,
        broker_url=broker_url,
        to_terminal=True,
    )
    try:
        stop_request.listen(follow_pid)
        stack.start()
        stack.wait_ready()
        click.echo(addresses(stack))
        keep(stack)
    except stop_request.StopRequestedError:
        click.echo("Stopping ...", err=True)
    except StackError as error:
        raise click.ClickException(str(error)) from None
    finally:
        stack.stop()


def _name_servers(**urls: str | None) -> None:
    """Say which databases, and which broker, the environment names: a shell may have such a variable for something else."""
    for variable, url in urls.items():
        if url:
            click.echo(f"{variable} names {_without_password(url)}", err=True)


def _without_password(url: str) -> str:
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):  # whoever is to use it says what is wrong with it
        return "something that is no URL"


def keep(stack: Stack) -> None:
    """Tend a stack for ever."""
    while True:
        stack.tend()
        time.sleep(_TEND_S)


def addresses(stack: Stack) -> str:
    """The two addresses, and a command line to paste."""
    # One line: a terminal, a script and a test can all take it as it is.
    key_file = shlex.quote(str(stack.var_dir.key_file))
    return (
        f"\nUsers service: {stack.users_url}/v1/users\nBatch service: {stack.batch_url}/v1/batch/users\nTry it:\n\n"
        f'curl -sS {stack.batch_url}/batch/users -H "Authorization: Bearer $(cat {key_file})"'
        f" -H 'Content-Type: application/json' -d '{json.dumps(_TWO_ITEMS)}'\n"
    )
