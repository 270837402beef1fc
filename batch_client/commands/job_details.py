"""One job, for a person."""

from typing import TextIO

from batch_client.commands.plain_text import plain
from batch_client.commands.reports import by_item, groups_of, write_groups
from batch_client.job_status import JobStatus


def write_details(status: JobStatus, out: TextIO) -> None:
    """Write what is known of a job, a line each, and what failed in it."""
    counts = status.counts
    hold = status.hold or {}
    said = {
        "job": status.job_id,
        "entity": status.entity,
        "status": status.status,
        "items": f"{counts['total']:,}",
        "succeeded": f"{counts['succeeded']:,}",
        "failed": f"{counts['failed']:,}",
        "pending": f"{counts['pending']:,}",
        "created": status.created_at,
        "started": status.started_at,
        "finished": status.finished_at,
        "expires": status.expires_at,
        "retry of": status.retry_of,
        "on hold": f"{hold['reason']}, until {hold['until']}" if hold else None,
    }
    for name, value in said.items():
        if value:
            out.write(f"{name + ':':<11}{plain(value)}\n")
    write_groups(by_item(groups_of([(0, status)])), out)
    out.flush()
