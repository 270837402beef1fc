"""What the use cases need from the world; adapters implement it, bootstrap.py wires it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from batch_service.domain.attempt import Outcome, Request
from batch_service.domain.batch import Refused
from batch_service.domain.chunk import Claim, Unfinished
from batch_service.domain.credential import Credential
from batch_service.domain.entity import Entity
from batch_service.domain.item import Item, ItemResult, is_success
from batch_service.domain.job import ErrorGroup, Job, JobStatus
from batch_service.domain.owner import Owner


class EntityRegistry(Protocol):
    """The entities that can be batched."""

    def get(self, name: str) -> Entity:
        """Return an entity; raise UnknownEntityError."""

    def all(self) -> list[Entity]:
        """Return every entity, by name."""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """An item and its result as a reader sees them; `response_code` is None while the item is not final."""

    index: int
    id: str | None
    response_code: int | None
    response_body: bytes | None = field(repr=False)
    response_headers: dict[str, str]
    attempts: int
    error: str | None = None
    """One sentence about a failure."""

    @property
    def succeeded(self) -> bool:
        """Say whether the item is final, and a success."""
        return self.response_code is not None and is_success(self.response_code)


@dataclass(frozen=True, slots=True)
class NewJob:
    """What is stored when a batch is accepted."""

    id: str
    entity: str
    owner: Owner
    items: Sequence[Item | Refused]
    chunk_items: int
    expires_after_s: float
    max_errors: int | None = None
    key: "BatchKey | None" = None
    traceparent: str | None = None
    patient: bool = True
    """Its sender does not wait for its end."""
    credential: Credential | None = None


@dataclass(frozen=True, slots=True)
class BatchKey:
    """The `Idempotency-Key` of a job's owner, and the batch it came with."""

    key: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Retry:
    """What is stored when the failures of a job are tried again."""

    id: str
    of: str
    owner: Owner
    """Of the new job."""
    chunk_items: int
    expires_after_s: float
    include_unknown: bool
    """Items whose outcome is unknown too."""
    keeps_doubt: bool = False
    """What may have been applied is not said to be left unsent if it is not sent again: for targets that honour keys."""
    key: BatchKey | None = None
    traceparent: str | None = None
    credential: Credential | None = None


class JobStore(Protocol):
    """Jobs, chunks and items. Each method is one transaction, durable when it returns.

    To whom a job does not belong there is no such job.
    """

    def add(self, job: NewJob, *, max_pending_items: int) -> str:
        """Store a job with all its items, those that are refused with their results; whole or not at all.

        Returns the id of the job: an earlier one, where the same key came with the same batch before.

        Raises:
            KeyReusedError: the key came with another batch before.
            QueueFullError: more than so many items would wait.
        """

    def add_retry(self, retry: Retry, *, max_pending_items: int) -> str:
        """Store a job of the items of another that did not succeed and can be sent.

        Returns the id of the job: an earlier one, where the same key came with the same call before.

        Raises:
            KeyReusedError: the key came with another call before.
            QueueFullError: more than so many items would wait.
            JobNotFoundError: there is no such job.
            JobRunningError: it has not ended.
            NothingToRetryError: there is no such item.
            RetryWindowOverError: what they would be sent with was erased.
        """

    def delete(self, job_id: str, owner: Owner) -> None:
        """Forget a job that has ended; raise JobNotFoundError or JobRunningError."""

    def get(self, job_id: str, owner: Owner) -> Job:
        """Return a job; raise JobNotFoundError."""

    def page(self, owner: Owner, *, limit: int, before: str | None, status: JobStatus | None, entity: str | None) -> list[Job]:
        """Return the owner's jobs, newest first, those older than the job `before`."""

    def results(
        self,
        job_id: str,
        owner: Owner,
        *,
        limit: int,
        after: int | None,
        status: str | None,
        merged: bool = False,
        max_bytes: int | None = None,
    ) -> list[ResultRow]:
        """Return items in order, those behind the position `after`; `status` is pending, succeeded or failed.

        Merged shows a retry together with the jobs it retries: every item of the first one, with its latest result. The row
        whose body exceeds `max_bytes`, together with those before it, is the last.

        Raises:
            JobNotFoundError: there is no such job.
        """

    def finished(self, job_id: str, owner: Owner, positions: Sequence[int]) -> list[ResultRow]:
        """Return those of these items, a thousand at most, that have a final result; raise JobNotFoundError."""

    def error_groups(self, job_id: str, owner: Owner, *, limit: int, indexes: int) -> list[ErrorGroup]:
        """Group the failures of a job, the most frequent first, each with its first few positions; raise JobNotFoundError."""

    def claim(
        self, owner: str, *, lease_s: float, entities: Sequence[str] | None = None, impatient: Sequence[str] = ()
    ) -> Claim | None:
        """Claim the next chunk that is free or whose lease ran out: low chunk numbers first, so that jobs take turns.

        `entities` names those whose chunks are wanted, None for any; `impatient` those of which only such chunks are wanted for
        whose end someone waits.
        """

    def record(self, claim: Claim, results: Sequence[ItemResult], *, lease_s: float, last: bool) -> Job:
        """Write results, renew the lease (or end the chunk with the last of them), end the job with its last item.

        Returns the job as it then stands; nothing more is to be sent of one that has stopped.

        Raises:
            LeaseLostError: another worker has claimed the chunk since; nothing was written.
        """

    def mark_sent(self, claim: Claim, positions: Sequence[int], *, lease_s: float) -> None:
        """Note that items are about to leave, before they do; raise LeaseLostError if the chunk is another worker's."""

    def release(self, claim: Claim, left: Sequence[Unfinished] = (), *, wait_s: float = 0.0) -> None:
        """Hand back a chunk none of whose items is on its way; nobody is to claim it for so long.

        `left` says what is to be remembered of items that were sent, or noted; the others were never touched.
        """

    def make_patient(self, job_id: str, owner: Owner) -> Job:
        """Note that nobody waits for the end of a job any more; return it; raise JobNotFoundError."""

    def cancel(self, job_id: str, owner: Owner) -> Job:
        """Ask a job to stop and end the items that no worker holds; return the job as it then stands.

        Raises:
            JobNotFoundError: there is no such job.
            JobFinishedError: it ended already, and not by being cancelled.
        """


class Uploads(Protocol):
    """Jobs whose items are still coming in; nobody sees one before it is complete.

    Each method but `discard` is one transaction. A lease, renewed by each call, tells an upload that goes on from one whose
    process is gone.
    """

    def begin(self, job: NewJob, *, lease_s: float) -> None:
        """Make a job without items."""

    def append(self, job_id: str, items: Sequence[Item | Refused], *, lease_s: float, max_pending_items: int) -> None:
        """Store more items of a job.

        Raises:
            UploadLostError: its lease ran out.
            QueueFullError: more than so many items would wait.
        """

    def find_duplicate(self, job_id: str) -> tuple[str, int, int] | None:
        """Return an id that two items have, and their positions; None if there is none."""

    def complete(self, job: NewJob) -> str:
        """Make a job of what was stored, with all that `job` says but its items.

        Returns the id of the job: an earlier one, where the same key came with the same batch before.

        Raises:
            UploadLostError: its lease ran out.
            KeyReusedError: the key came with another batch before.
        """

    def discard(self, job_id: str) -> None:
        """Throw away what came of a job that is not complete; a job that is stays."""

    def lost(self, *, limit: int) -> list[str]:
        """Return uploads whose lease ran out."""


class Housekeeping(Protocol):
    """What has to be done to the job store from time to time, by one process at a time."""

    def lead(self, owner: str, *, lease_s: float) -> bool:
        """Say whether this process keeps house for so long; another one takes over when the lease runs out."""

    def expire_due(self) -> int:
        """Stop the jobs whose time is over; return how many."""

    def purge(self, *, retention_s: float, limit: int) -> int:
        """Forget jobs that ended longer ago than that, at most so many; free their space; return how many."""

    def erase_requests(self, *, retry_window_s: float, limit: int) -> int:
        """Erase what the failed items of jobs that ended longer ago were sent with, of so many jobs; return of how many.

        Short transactions; the first one says that the job cannot be tried again.
        """

    def empty_log(self) -> None:
        """Let what was erased leave the database's log too."""

    def free_chunks(self, *, at_most: int) -> int:
        """Count the chunks that wait for a worker, or have lost the one they had, up to so many."""

    def is_at_work(self) -> bool:
        """Say whether any worker holds a chunk."""


class Exchange(Protocol):
    """The conversation of one chunk with one target."""

    def send(self, requests: Sequence[Request]) -> None:
        """Queue requests; they leave as connections become free."""

    def collect(self, timeout_s: float, *, enough: int) -> list[Outcome]:
        """Return the outcomes that came since the last call; wait up to the time-out for so many, or for the last."""

    def recall(self) -> list[int]:
        """Take back what has not left yet; return the positions."""


class FanOut(Protocol):
    """Sends requests to targets over few connections that are kept alive."""

    @property
    def connections_opened(self) -> int:
        """Connections opened to targets since the process began."""

    def open(self, entity: Entity) -> Exchange:
        """Begin an exchange with the entity's target."""


class WakeUp(Protocol):
    """Tells workers that there is work. A hint only: the truth is in the job store."""

    def ring(self, chunks: int = 1) -> None:
        """Wake workers for so many chunks; never blocks for long, never fails."""


class Bell(WakeUp, Protocol):
    """A wake-up that a worker can wait for by itself, where no broker does so."""

    def wait(self, timeout_s: float) -> None:
        """Wait until someone rings, or for so long."""
