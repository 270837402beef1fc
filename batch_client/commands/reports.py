"""How an import, a submission or a retry ended, for a person."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from batch_client.commands.job_columns import ERRORS, JOBS
from batch_client.commands.output import Column, write
from batch_client.commands.progress import Progress
from batch_client.job_status import JobStatus

_SHOWN_JOBS = 20
_WHERE = Column("indexes", "the first", lambda group: group["where"])


def write_jobs(statuses: Sequence[JobStatus], form: str, out: TextIO) -> None:
    """Write jobs as rows or documents."""
    write((status.to_wire() for status in statuses), JOBS, form, out)


def write_ends(ends: Sequence[JobStatus], form: str, out: TextIO, *, groups: Sequence[Mapping[str, Any]] = ()) -> None:
    """Write how jobs ended; for a person in sentences, with what failed in them."""
    if form != "table":
        write_jobs(ends, form, out)
        return
    for end in ends[:_SHOWN_JOBS]:
        out.write(f"{sentence(end)}\n")
    if len(ends) > _SHOWN_JOBS:
        out.write(f"... and {len(ends) - _SHOWN_JOBS} more.\n")
    write_groups(groups, out)
    out.flush()


def write_groups(groups: Sequence[Mapping[str, Any]], out: TextIO) -> None:
    """Write what failed, below what was said before; nothing where nothing did."""
    if groups:
        out.write("\n")
        write(groups, (*ERRORS, _WHERE), "table", out)


def sentence(end: JobStatus) -> str:
    """Say in one line how a job ended, or how far it is."""
    counts = end.counts
    said = f"Job {end.job_id}: {end.status}. {counts['succeeded']:,} of {counts['total']:,} succeeded"
    for name in ("failed", "pending"):
        if counts[name]:
            said += f", {counts[name]:,} {name}"
    return f"{said}."


def groups_of(ends: Iterable[tuple[int, JobStatus]]) -> list[dict[str, Any]]:
    """Put the failures of several jobs together by code and sentence; each job's items count from its own first index on."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for first, end in ends:
        for group in end.errors:
            key = (group["responseCode"], group["error"])
            known = found.setdefault(key, {"responseCode": key[0], "error": key[1], "count": 0, "indexes": []})
            known["count"] += group["count"]
            known["indexes"] += [first + index for index in group.get("indexes", ())]
    return sorted(found.values(), key=lambda group: -group["count"])


def by_item(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say of each group where its first failures are, by the positions of their items."""
    return [{**group, "where": "item " + ", ".join(map(str, group["indexes"][:5]))} for group in groups]


def by_line(groups: list[dict[str, Any]], lines: Mapping[int, int]) -> list[dict[str, Any]]:
    """Say of each group where its first failures are, by the lines of the file."""
    return [
        {**group, "where": "line " + ", ".join(str(lines[index]) for index in group["indexes"][:5] if index in lines)}
        for group in groups
    ]


def say_what_next(ends: Sequence[JobStatus], show: Progress) -> None:
    """Name the commands that go on from jobs that did not wholly succeed."""
    failed = [end for end in ends if end.counts["failed"]]
    for end in failed[:1]:
        show.say(f"See them:       batchctl jobs results {end.job_id} --status failed")
        show.say(f"Try them again: batchctl jobs retry {end.job_id}")
    doubtful = sum(group["count"] for end in failed for group in end.errors if "outcome unknown" in group["error"].lower())
    if doubtful:
        show.say(f"{doubtful:,} of them may have been applied, though no answer came: look before you send them again.")
