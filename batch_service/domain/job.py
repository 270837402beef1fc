"""A job: an accepted batch, what has become of its items so far, and how it ended.

    queued -> running -> succeeded | partial | failed | cancelled | expired
       `---------------------------------------------------^

A final status never changes.
"""

from dataclasses import dataclass
from enum import StrEnum

from batch_service.domain.owner import Owner


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


class Stop(StrEnum):
    """Why nothing more of a job is sent, though it has items left."""

    CANCELLED = "cancelled"
    """Its owner said so."""
    ERRORS = "errors"
    """As many items failed as its sender would bear."""
    EXPIRED = "expired"
    """Its time is over."""


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
    owner: Owner
    status: JobStatus
    counts: Counts
    created_at: int
    started_at: int | None = None
    finished_at: int | None = None
    expires_at: int | None = None
    retry_of: str | None = None
    stop: Stop | None = None
    max_errors: int | None = None
    """How many items may fail before nothing more is sent; None for any number."""
    traceparent: str | None = None
    patient: bool = True
    """Nobody waits at a connection for its end."""

    @property
    def has_too_many_errors(self) -> bool:
        """Say whether the sender's patience is at its end."""
        return self.max_errors is not None and self.counts.failed >= self.max_errors


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """The failures of a job that have one response code and one sentence in common."""

    response_code: int
    error: str
    count: int
    indexes: tuple[int, ...]
    """The first few."""


def final_status(counts: Counts, stop: Stop | None = None) -> JobStatus:
    """Name the end of a job whose items are all final."""
    if counts.failed == 0:  # a stop that came too late stopped nothing
        return JobStatus.SUCCEEDED
    if stop is Stop.CANCELLED:
        return JobStatus.CANCELLED
    if stop is Stop.EXPIRED:
        return JobStatus.EXPIRED
    return JobStatus.FAILED if counts.succeeded == 0 else JobStatus.PARTIAL
