"""The commands that every service has beside `serve`: `migrate`, `keys`, `openapi`."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import click
import sqlalchemy as sa
import yaml
from flask import Flask

from servicekit import api_keys
from servicekit.database import Database
from servicekit.migrations import Migrations


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True  # what stands in two places is written in two places


def migrate_command(database: Database, migrations: Migrations, *, then: Callable[[], None] = lambda: None) -> click.Command:
    """Make `migrate`, which brings the service's database to the newest revision; `then` does what it needs beside that."""

    @click.command()
    def migrate() -> None:
        """Bring the database to the newest revision."""
        if database.is_sqlite and database.url.database:
            os.umask(0o077)  # what stands in the database is for its owner alone
            Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
        migrations.upgrade(database)
        then()

    return migrate


def keys_group(database: Database, keys: sa.Table) -> click.Group:
    """Make `keys`, which enters API keys in the service's own database."""

    @click.group("keys")
    def group() -> None:
        """API keys of this service."""

    @group.command()
    @click.option("--name", default="this machine", show_default=True, help="What the key is for.")
    @click.argument("file", type=click.File())
    def add(name: str, file: TextIO) -> None:
        """Enter the key in FILE (- for standard input); entering it twice changes nothing."""
        try:
            api_keys.add_key(database, keys, key=file.read().strip(), name=name)
        except api_keys.MalformedKeyError as error:
            raise click.ClickException(str(error)) from None

    return group


def openapi_command(make_app: Callable[[], Flask]) -> click.Command:
    """Make `openapi`, which prints the contract that the code serves."""

    @click.command()
    @click.argument("version", default="v1")
    def openapi(version: str) -> None:
        """Print the contract of VERSION as YAML."""
        apis = make_app().extensions["flask-smorest"]["apis"]
        document = apis[f"{version.upper()}_"]["ext_obj"].document()
        click.echo(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120), nl=False)

    return openapi
