"""`batchctl entities`: what can be batched."""

import sys

import click

from batch_client.commands.connection import Connection, connected
from batch_client.commands.job_columns import ENTITIES
from batch_client.commands.output import output_option, write


@click.command()
@output_option
@connected
def entities(*, connection: Connection, form: str) -> None:
    """List what can be batched, and its limits."""
    write(connection.quick.entities(), ENTITIES, form, sys.stdout)
