"""`batchctl jobs`: look at jobs, follow them, stop them, try them again."""

import sys
from collections.abc import Iterable

import click

from batch_client.commands import exit_codes
from batch_client.commands.completions import ENTITY, JOB
from batch_client.commands.connection import Connection, connected
from batch_client.commands.exit_codes import ExitCode
from batch_client.commands.job_columns import JOBS, RESULTS
from batch_client.commands.job_details import write_details
from batch_client.commands.output import output_option, write
from batch_client.commands.progress import progress, progress_option
from batch_client.commands.reports import by_item, groups_of, say_what_next, write_ends, write_jobs
from batch_client.commands.submit import follow_job
from batch_client.commands.watching import watch

_STATUSES = ("queued", "running", "succeeded", "partial", "failed", "cancelled", "expired")


@click.group()
def jobs() -> None:
    """Look at jobs, follow them, stop them, try them again."""


@jobs.command("list")
@click.option("--status", type=click.Choice(_STATUSES))
@click.option("--entity", type=ENTITY)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, the newest first.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@output_option
@connected
def list_jobs(
    *, connection: Connection, status: str | None, entity: str | None, limit: int, everything: bool, form: str
) -> None:
    """List your jobs, the newest first."""
    found = connection.quick.jobs(status=status, entity=entity, limit=None if everything else limit)
    write((job.to_wire() for job in found), JOBS, form, sys.stdout)


@jobs.command()
@click.argument("job_id", type=JOB)
@output_option
@connected
def show(job_id: str, *, connection: Connection, form: str) -> None:
    """Show a job: how far it is, and what failed in it."""
    status = connection.quick.job(job_id).status()
    if form == "table":
        write_details(status, sys.stdout)
    else:
        write_jobs([status], form, sys.stdout)


@jobs.command("watch", epilog=exit_codes.HELP)
@click.argument("job_ids", metavar="JOB_ID...", type=JOB, nargs=-1, required=True)
@output_option
@progress_option
@connected
def watch_jobs(job_ids: tuple[str, ...], *, connection: Connection, form: str, progress_form: str) -> int:
    """Follow jobs to their ends. Ctrl-C leaves them running."""
    for job_id in job_ids:
        connection.quick.job(job_id).status()
    with progress(progress_form) as shown:
        ends = watch([connection.patient.job(job_id) for job_id in job_ids], shown)
        shown.end()
        write_ends(ends, form, sys.stdout, groups=by_item(groups_of((0, end) for end in ends)))
        say_what_next(ends, shown)
    return exit_codes.of_ends(ends)


@jobs.command()
@click.argument("job_ids", metavar="JOB_ID...", type=JOB, nargs=-1, required=True)
@output_option
@connected
def cancel(job_ids: Iterable[str], *, connection: Connection, form: str) -> None:
    """Stop jobs: nothing more is sent, what was sent keeps its result."""
    write_jobs([connection.quick.job(job_id).cancel() for job_id in job_ids], form, sys.stdout)


@jobs.command(epilog=exit_codes.HELP)
@click.argument("job_id", type=JOB)
@click.option("--include-unknown", is_flag=True, help="Also what the target may have applied already, at your own risk.")
@click.option("--idempotency-key", "key", metavar="KEY", help="The same key is the same retry.")
@click.option("--detach", is_flag=True, help="End as soon as it is accepted, and do not wait for the job.")
@output_option
@progress_option
@connected
def retry(
    job_id: str,
    *,
    connection: Connection,
    include_unknown: bool,
    key: str | None,
    detach: bool,
    form: str,
    progress_form: str,
) -> int:
    """Try again what did not succeed, as a new job."""
    with progress(progress_form) as shown:
        new = connection.patient.job(connection.quick.job(job_id).retry(include_unknown=include_unknown, key=key).id)
        return follow_job(new, shown, form=form, detach=detach)


@jobs.command()
@click.argument("job_ids", metavar="JOB_ID...", type=JOB, nargs=-1, required=True)
@connected
def delete(job_ids: Iterable[str], *, connection: Connection) -> None:
    """Forget jobs that have ended, and all that they held."""
    for job_id in job_ids:
        connection.quick.job(job_id).delete()
        click.echo(f"Job {job_id} is forgotten.")


@jobs.command()
@click.argument("job_id", type=JOB)
@click.option("--status", type=click.Choice(["failed", "succeeded", "pending"]), help="Only the items that are so.")
@click.option("--merged", is_flag=True, help="Of a retry: the items of the job it is of, each with its latest result.")
@output_option
@connected
def results(job_id: str, *, connection: Connection, status: str | None, merged: bool, form: str) -> int:
    """Print the results of a job, in the order of its items."""
    write(connection.quick.job(job_id).results(status, merged=merged), RESULTS, form, sys.stdout)
    return ExitCode.DONE
