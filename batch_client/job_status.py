"""How far a job is, as the service says it."""

from dataclasses import dataclass, field
from typing import Any, Self

from batch_client.errors import BatchError

_COUNTS = ("total", "pending", "succeeded", "failed")
_ENDS = frozenset({"succeeded", "partial", "failed", "cancelled", "expired"})


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How far a job is; `counts` has `total`, `pending`, `succeeded`, `failed`; times are RFC 3339 UTC."""

    job_id: str
    entity: str
    status: str
    counts: dict[str, int]
    created_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    expires_at: str | None = None
    retry_of: str | None = None
    hold: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    retry_after_s: float | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing of the job can change any more."""
        return self.status in _ENDS

    @property
    def done(self) -> int:
        """How many items are final."""
        return self.counts["total"] - self.counts["pending"]

    @classmethod
    def from_wire(cls, document: dict[str, Any], *, retry_after_s: float | None = None) -> Self:
        """Read a job document; members that this version does not know are left aside."""
        try:
            job_id, status = document["jobId"], document["status"]
            counts = {name: int(document["counts"][name]) for name in _COUNTS}
        except (KeyError, TypeError, ValueError):
            raise BatchError("The answer is no job.", code="not_a_job") from None
        return cls(
            job_id=job_id,
            entity=document.get("entity") or "",  # a batch across entities has none
            status=status,
            counts=counts,
            created_at=document.get("createdAt"),
            started_at=document.get("startedAt"),
            finished_at=document.get("finishedAt"),
            expires_at=document.get("expiresAt"),
            retry_of=document.get("retryOf"),
            hold=document.get("hold"),
            errors=document.get("errors") or [],
            retry_after_s=retry_after_s,
        )

    def to_wire(self) -> dict[str, Any]:
        """Write it as the service does."""
        return {
            "jobId": self.job_id,
            "entity": self.entity or None,
            "status": self.status,
            "counts": self.counts,
            "createdAt": self.created_at,
            "startedAt": self.started_at,
            "finishedAt": self.finished_at,
            "expiresAt": self.expires_at,
            "retryOf": self.retry_of,
            "hold": self.hold,
            "errors": self.errors,
        }
