"""What a script is told by the exit code."""

from collections.abc import Iterable
from enum import IntEnum

from batch_client.job_status import JobStatus

HELP = """\b
Exit codes:
    0  done; where a job was followed: every item succeeded
    1  some items failed, or all
    2  the command, a setting or the file makes no sense; nothing was sent
    3  the service refused, or could not be reached
    4  a job was cancelled, or its time ran out
  130  interrupted by Ctrl-C; jobs go on (143: by SIGTERM)
"""


class ExitCode(IntEnum):
    """See `HELP`."""

    DONE = 0
    ITEMS_FAILED = 1
    USAGE = 2
    REFUSED = 3
    STOPPED = 4
    BROKEN_PIPE = 141


def of_ends(ends: Iterable[JobStatus]) -> ExitCode:
    """Tell how jobs ended, the worst of them."""
    codes = [_of_end(end) for end in ends]
    return max(codes, default=ExitCode.DONE)


def _of_end(end: JobStatus) -> ExitCode:
    if end.status in ("cancelled", "expired"):
        return ExitCode.STOPPED
    return ExitCode.DONE if end.status == "succeeded" else ExitCode.ITEMS_FAILED
