"""`batchctl submit`: items as they are."""

import hashlib
import sys
from collections.abc import Iterator
from typing import IO

import click

from batch_client.commands import exit_codes
from batch_client.commands.completions import ENTITY
from batch_client.commands.connection import Connection, connected
from batch_client.commands.exit_codes import ExitCode
from batch_client.commands.job_columns import RESULTS
from batch_client.commands.output import output_option, write
from batch_client.commands.progress import Progress, progress, progress_option
from batch_client.commands.reports import by_item, groups_of, say_what_next, write_ends, write_jobs
from batch_client.commands.sending_options import max_errors_of, sending_options
from batch_client.commands.watching import coming_back, watch
from batch_client.items import succeeded
from batch_client.job import Job
from batch_client.keys import new_key
from batch_client.records import formats
from batch_client.records.source import Source

_BLOCK_BYTES = 64 * 1024
_MEDIA_TYPES = {"json": "application/json", "ndjson": "application/x-ndjson"}


@click.command(epilog=exit_codes.HELP)
@click.argument("file")
@click.option("--entity", type=ENTITY, help="Of all items; without it each names its own.")
@click.option("--format", "format_name", type=click.Choice(list(_MEDIA_TYPES)), help="Of the file; its name says it otherwise.")
@sending_options
@output_option
@progress_option
@connected
def submit(
    file: str,
    *,
    connection: Connection,
    entity: str | None,
    format_name: str | None,
    progress_form: str,
    form: str,
    detach: bool,
    key: str | None,
    again: bool,
    prefer: str | None,
    on_error: str,
    max_errors: int | None,
) -> int:
    """Submit a FILE of items as they are: a JSON array of them, or one a line.

    - is the standard input. The same file is the same batch, however often it is submitted; --again makes a new one of it.
    """
    format_name = format_name or formats.guess(file)
    if format_name not in _MEDIA_TYPES:
        raise click.UsageError(f"Items are JSON, and {format_name} holds records: batchctl import makes items of them.")
    most = max_errors_of(on_error, max_errors)
    with Source(file) as source, progress(progress_form) as show:
        connection.quick.entities()  # a service that is not there, or lets nobody in, is known before anything is read
        key = new_key() if again else key or _key_of(source, f"{entity}\n{most}\n{format_name}\n", show)
        show.begin("Sending", source.size, unit="bytes")
        with coming_back(list, show):
            outcome = connection.patient.submit_body(
                entity,
                lambda: _blocks(source, show),
                media_type=_MEDIA_TYPES[format_name],
                key=key,
                prefer=prefer or "respond-async",
                max_errors=most,
            )
        if not isinstance(outcome, Job):
            show.end()
            write(outcome, RESULTS, form, sys.stdout)
            return ExitCode.DONE if all(map(succeeded, outcome)) else ExitCode.ITEMS_FAILED
        if outcome.was_known:
            show.say("The same was accepted before, and is not applied again; to submit it once more, say --again.")
        return follow_job(outcome, show, form=form, detach=detach)


def follow_job(job: Job, show: Progress, *, form: str, detach: bool) -> int:
    """Wait for a job that was just accepted, and say how it ended."""
    if detach:
        show.end()
        write_jobs([job.accepted or job.status()], form, sys.stdout)
        return ExitCode.DONE
    ends = watch([job], show)
    show.end()
    write_ends(ends, form, sys.stdout, groups=by_item(groups_of((0, end) for end in ends)))
    say_what_next(ends, show)
    return exit_codes.of_ends(ends)


def _key_of(source: Source, said: str, show: Progress) -> str:
    content = hashlib.sha256(said.encode())
    show.begin(f"Reading {source.name}", source.size, unit="bytes")
    with source.open(show.at) as file:
        for block in _parts(file):
            content.update(block)
    return f"submit-{content.hexdigest()[:40]}"


def _blocks(source: Source, show: Progress) -> Iterator[bytes]:
    with source.open(show.at) as file:
        yield from _parts(file)


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(_BLOCK_BYTES), b"")
