"""`batchctl import`: a file of records becomes items of one entity."""

import sys
from pathlib import Path
from typing import Any

import click

from batch_client.commands import exit_codes
from batch_client.commands.checks import check_entity, check_items
from batch_client.commands.completions import ENTITY
from batch_client.commands.connection import Connection, connected
from batch_client.commands.exit_codes import ExitCode
from batch_client.commands.importing import Import, Terms, read
from batch_client.commands.mapping_options import mapping_options, read_form, read_mapping
from batch_client.commands.output import output_option
from batch_client.commands.plain_text import counted
from batch_client.commands.progress import Progress, progress, progress_option
from batch_client.commands.reports import by_line, groups_of, say_what_next, sentence, write_ends, write_jobs
from batch_client.commands.sending_options import max_errors_of, sending_options
from batch_client.errors import BatchError
from batch_client.records.field_mapping import FieldMapping
from batch_client.records.formats import Records
from batch_client.records.record import RecordsError
from batch_client.records.source import STDIN, Source
from batch_client.records.survey import Survey

_SAMPLE = 5


@click.command("import", epilog=exit_codes.HELP)
@click.argument("entity", type=ENTITY)
@click.argument("file")
@mapping_options
@click.option("--dry-run", is_flag=True, help="Read and check everything, show the first items, send nothing.")
@click.option("--batch-size", type=click.IntRange(1), metavar="ITEMS", help="Make several jobs, of so many items at most.")
@click.option(
    "--errors",
    "errors_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the records that failed to this file, in the format they came in, with what was said of each.",
)
@sending_options
@output_option
@progress_option
@connected
def import_file(
    entity: str,
    file: str,
    *,
    connection: Connection,
    dry_run: bool,
    batch_size: int | None,
    errors_file: Path | None,
    progress_form: str,
    form: str,
    detach: bool,
    key: str | None,
    again: bool,
    prefer: str | None,
    on_error: str,
    max_errors: int | None,
    format_name: str | None,
    delimiter: str | None,
    encoding: str,
    **mapping_texts: Any,
) -> int:
    """Import a FILE of records: each becomes the body of a call of ENTITY.

    FILE is CSV, TSV, NDJSON or a JSON array, also packed by gzip; - is the standard input. All of it is read and checked before
    anything is sent: of a broken file nothing is applied.

    In a table the header names the members of the body, a dot nests them (address.city), and an empty cell says nothing.

    The same command can be given again, whenever it was interrupted: rows that were accepted before are not applied twice.
    (Their key is a hash of what is sent; --again makes a new one.)
    """
    mapping = read_mapping(**mapping_texts)
    layout = read_form(file, format_name=format_name, delimiter=delimiter, encoding=encoding)
    _check_errors_file(errors_file, file, detach=detach)
    terms = Terms(entity, max_errors_of(on_error, max_errors), prefer, "" if again else key)
    with Source(file) as source, progress(progress_form) as show:
        records = Records(source, layout)
        if dry_run:
            return _rehearse(connection, entity, records, mapping, batch_size=batch_size, show=show)
        check_entity(connection.quick, entity, mapping.method)
        found = read(records, mapping, connection.quick.limits(), batch_size=batch_size, sample=0, show=show)
        _refuse_faulty(found, show)
        run = Import(connection.patient, records, mapping, terms, show)
        return _run(run, found, terms, show, form=form, detach=detach, errors_file=errors_file)


def _check_errors_file(errors_file: Path | None, file: str, *, detach: bool) -> None:
    if errors_file is None:
        return
    if detach:
        raise click.UsageError("--errors is written when the job has ended: it goes without --detach.")
    if not errors_file.absolute().parent.is_dir():
        raise click.UsageError(f"--errors: there is no folder {errors_file.absolute().parent}.")
    if file != STDIN and errors_file.exists() and errors_file.samefile(file):
        raise click.UsageError("--errors is the file that is imported.")


def _refuse_faulty(found: Survey, show: Progress) -> None:
    if not found.faulty:
        return
    for fault in found.faults:
        show.say(fault)
    more = f" (the first {len(found.faults)} are shown)" if found.faulty > len(found.faults) else ""
    raise RecordsError(f"No item can be made of {counted(found.faulty, 'record')}{more}; nothing was sent.")


def _rehearse(
    connection: Connection, entity: str, records: Records, mapping: FieldMapping, *, batch_size: int | None, show: Progress
) -> int:
    try:
        check_entity(connection.quick, entity, mapping.method)
        limits: dict[str, Any] = connection.quick.limits()
        offers = connection.quick.offers_validation()
        checked = "by the service (?validate=only)" if offers else "here alone: the service does not offer to check items"
    except BatchError as error:
        if error.status is not None:
            raise
        limits, offers, checked = {}, False, f"here alone: {error}"
    found = read(records, mapping, limits, batch_size=batch_size, sample=_SAMPLE, show=show)
    _refuse_faulty(found, show)
    faults = check_items(connection.quick, entity, records, mapping) if offers else []
    show.end()
    sys.stdout.write("".join(line.decode() for line in found.sample))
    sys.stdout.flush()
    for fault in faults[:_SAMPLE]:
        show.say(fault)
    show.say(f"{counted(found.total, 'item')} in {counted(len(found.portions), 'job')}; nothing was sent.")
    show.say(f"Checked {checked}." + (f" {len(faults):,} would fail." if faults else ""))
    return ExitCode.ITEMS_FAILED if faults else ExitCode.DONE


def _run(run: Import, found: Survey, terms: Terms, show: Progress, *, form: str, detach: bool, errors_file: Path | None) -> int:
    portions = found.portions
    if len(portions) > 1:
        show.say(f"{found.total:,} items become {len(portions)} jobs.")
    try:
        if terms.max_errors is not None and len(portions) > 1:
            if detach:
                raise click.UsageError("Jobs that stop at errors are sent one after the other: that goes without --detach.")
            run.send_in_turn(portions, max_errors=terms.max_errors)
        else:
            run.send(portions)
            _say_what_was_known(run, show)
            if detach:
                show.end()
                write_jobs([status for sent in run.sent if (status := sent.job.accepted)], form, sys.stdout)
                return ExitCode.DONE
            run.follow()
    except KeyboardInterrupt:
        show.end()
        show.say("Or give the same command again: what was accepted is not applied twice.")
        raise
    return _report(run, found, show, form=form, errors_file=errors_file)


def _say_what_was_known(run: Import, show: Progress) -> None:
    known = [sent.job for sent in run.sent if sent.job.was_known]
    if known and len(known) == len(run.sent):
        show.say("The same was accepted before, and is not applied again; to import it once more, say --again.")
    elif known:
        show.say(f"{len(known)} of {len(run.sent)} jobs had been accepted before, and are not applied again.")
    for job in known if len(run.sent) == 1 else ():
        if job.accepted is not None:
            show.say(sentence(job.accepted))


def _report(run: Import, found: Survey, show: Progress, *, form: str, errors_file: Path | None) -> int:
    ends = [(sent.portion.first, sent.end) for sent in run.sent if sent.end is not None]
    statuses = [end for _, end in ends]
    groups = groups_of(ends)
    lines = run.lines_of({index for group in groups for index in group["indexes"]}) if groups else {}
    written = None if errors_file is None else run.write_rejects(errors_file, found.portions)
    show.end()
    write_ends(statuses, form, sys.stdout, groups=by_line(groups, lines))
    code = exit_codes.of_ends(statuses)
    unsent = found.total - sum(status.counts["total"] for status in statuses)
    if unsent:
        show.say(f"{counted(unsent, 'item')} not sent: too many had failed.")
    if written is not None:
        mend = ": mend them and import that file" if written else ""
        show.say(f"{counted(written, 'record')} written to {errors_file}{mend}.")
    say_what_next(statuses, show)
    return code
