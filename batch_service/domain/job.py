"""A job: an accepted batch, what has become of its items so far, and how it ended.

    queued -> running -> succeeded | partial | failed | cancelled | expired
       `---------------------------------------------------^

A final status never changes.
"""

from dataclasses import dataclass
from enum import StrEnum


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    """Accepted and durable; nothing was sent yet."""
    RUNNING = "running"
    """Items are being sent."""
    SUCCEEDED = "succeeded"
    """Every item did."""
    PARTIAL = "partial"
    """Some items succeeded, some failed."""
    FAILED = "failed"
    """No item succeeded."""
    CANCELLED = "cancelled"
    """Stopped by its owner; what had been sent keeps its result."""
    EXPIRED = "expired"
    """Stopped by its own deadline."""

    @property
    def is_final(self) -> bool:
        """Say whether the job has ended."""
        return self not in (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items of a job are what; pending are those that are not final."""

    total: int
    succeeded: int = 0
    failed: int = 0

    @property
    def pending(self) -> int:
        """Items without a final result."""
        return self.total - self.succeeded - self.failed


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is stored; times in milliseconds since the epoch."""

    id: str
    entity: str
    status: JobStatus
    counts: Counts
    created_at: int
    started_at: int | None = None
    finished_at: int | None = None
    expires_at: int | None = None
    retry_of: str | None = None
    cancel_requested_at: int | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """The failures of a job that have one response code and one sentence in common."""

    response_code: int
    error: str
    count: int
    indexes: tuple[int, ...]
    """The first few."""


def final_status(counts: Counts, *, cancelled: bool) -> JobStatus:
    """Name the end of a job whose items are all final."""
    if cancelled:
        return JobStatus.CANCELLED
    if counts.failed == 0:
        return JobStatus.SUCCEEDED
    return JobStatus.FAILED if counts.succeeded == 0 else JobStatus.PARTIAL
