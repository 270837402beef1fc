"""The command `batchctl`."""

import os
import sys
from typing import Any

import click

from batch_client.commands import exit_codes
from batch_client.commands.completion import completion
from batch_client.commands.entities import entities
from batch_client.commands.exit_codes import ExitCode
from batch_client.commands.import_file import import_file
from batch_client.commands.interrupts import InterruptedBySignal, interruptible
from batch_client.commands.jobs import jobs
from batch_client.commands.plain_text import message
from batch_client.commands.submit import submit
from batch_client.errors import BatchError, InvalidBatchError
from batch_client.records.record import RecordsError
from batch_client.version import __version__

_HINTS = {
    401: "Set BATCH_API_KEY, or name a file with the key: --api-key-file.",
    403: "The key does not allow it.",
}


_HELP = """Send many items to a REST API through a batch service, and follow them.

\b
BATCH_URL           where the service is (http://127.0.0.1:8002)
BATCH_API_KEY       the API key, or
BATCH_API_KEY_FILE  a file that holds it
"""


class _NobodyReadsError(Exception):
    """What reads the output has ended."""


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Keep a broken pipe from click, whose exit code for it means something else here."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _NobodyReadsError from None


@click.group(
    cls=_Group,
    help=_HELP,
    epilog=exit_codes.HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def batchctl() -> None:
    """The command, of which all others are parts."""


for command in (import_file, submit, jobs, entities, completion):
    batchctl.add_command(command)


def main() -> None:
    """Run the command, and end with an exit code that says how it went."""
    sys.exit(_run())


def _run() -> int:
    try:
        with interruptible():
            return int(batchctl.main(prog_name="batchctl", standalone_mode=False) or ExitCode.DONE)
    except click.UsageError as error:
        error.show()
        return ExitCode.USAGE
    except click.Abort as abort:
        click.echo(message("Interrupted."), err=True)
        return abort.__cause__.exit_code if isinstance(abort.__cause__, InterruptedBySignal) else ExitCode.USAGE
    except _NobodyReadsError:
        # The interpreter would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    except (click.ClickException, RecordsError, InvalidBatchError, BatchError) as error:
        click.echo(message(_sentence(error)), err=True)
        return ExitCode.REFUSED if isinstance(error, BatchError) else ExitCode.USAGE


def _sentence(error: Exception) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    if not isinstance(error, BatchError):
        return str(error)
    hint = f" {_HINTS[error.status]}" if error.status in _HINTS else ""
    request = f" (request {error.request_id})" if error.request_id and (error.status or 0) >= 500 else ""
    return f"{error}{request}{hint}"


if __name__ == "__main__":
    main()
