"""Following jobs to their ends, with all that one should know when one leaves them."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from batch_client.commands.progress import Progress
from batch_client.job import Job
from batch_client.job_status import JobStatus

_POLL_S = 1.0
_HOLDS = {"failing": "the target fails and is left alone for a while", "throttled": "the target asked for a pause"}


def watch(jobs: Sequence[Job], show: Progress) -> list[JobStatus]:
    """Wait for all of them; show their progress as that of one."""
    show.begin("Running" if len(jobs) == 1 else f"Running {len(jobs)} jobs")
    with coming_back(lambda: jobs, show):
        if len(jobs) == 1:
            return [_last(jobs[0], show)]
        return _all(jobs, show)


def _last(job: Job, show: Progress) -> JobStatus:
    for status in job.follow():
        _show([status], show)
    return status


def _all(jobs: Sequence[Job], show: Progress) -> list[JobStatus]:
    known: dict[str, JobStatus] = {}
    while True:
        for job in jobs:
            if job.id not in known or not known[job.id].is_finished:
                known[job.id] = job.status()
        statuses = [known[job.id] for job in jobs]
        _show(statuses, show)
        if all(status.is_finished for status in statuses):
            return statuses
        time.sleep(_POLL_S)


def _show(statuses: Sequence[JobStatus], show: Progress) -> None:
    failed = sum(status.counts["failed"] for status in statuses)
    total = sum(status.counts["total"] for status in statuses)
    hold = next((status.hold["reason"] for status in statuses if status.hold), None)
    notes = [f"{failed:,} failed"] if failed else []
    if hold is not None:
        notes.append(_HOLDS.get(hold, hold))
    show.at(sum(status.done for status in statuses), total=total, note=", ".join(notes))


@contextmanager
def coming_back(jobs: Callable[[], Sequence[Job]], show: Progress) -> Iterator[None]:
    """Tell whoever interrupts that the jobs go on, and how to come back to them."""
    try:
        yield
    except KeyboardInterrupt:
        show.end()
        if ids := " ".join(job.id for job in jobs()):
            goes_on = f"Job {ids} goes on" if " " not in ids else "What was accepted goes on"
            show.say(f"{goes_on}. Come back: batchctl jobs watch {ids}")
            show.say(f"Stop it: batchctl jobs cancel {ids}")
        raise
