"""What the batch service refuses as a whole; what it refuses of one item is that item's result (see refusal.py)."""


class BatchServiceError(Exception):
    """Base of every error that a use case raises on purpose."""


class UnknownEntityError(BatchServiceError):
    """There is no entity of that name in the registry."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"Unknown entity; this service batches {', '.join(known) or 'nothing'}.")
        self.name = name


class EmptyBatchError(BatchServiceError):
    """A batch needs at least one item."""


class TooManyItemsError(BatchServiceError):
    """The batch has more items than a job may have."""

    def __init__(self, *, sent: int | None, limit: int) -> None:
        """`sent` is None of a batch that was not read to its end."""
        has = f"more than {limit}" if sent is None else sent
        super().__init__(f"The batch has {has} items; send at most {limit} in one call.")
        self.limit = limit


class DuplicateIdError(BatchServiceError):
    """Two items of one batch have the same id."""

    def __init__(self, item_id: str, *, first: int, second: int) -> None:
        super().__init__(f"Items {first} and {second} have the same id; ids are unique in a batch.")
        self.item_id = item_id
        self.second = second


class JobNotFoundError(BatchServiceError):
    """There is no job of that id."""


class JobRunningError(BatchServiceError):
    """The job has not ended yet."""


class NothingToRetryError(BatchServiceError):
    """No item of the job can be tried again."""


class RetryWindowOverError(BatchServiceError):
    """What the failed items of the job would be sent with was erased; it cannot be tried again."""


class KeyReusedError(BatchServiceError):
    """The Idempotency-Key came with another batch before."""


class QueueFullError(BatchServiceError):
    """So many items wait already that no more are taken in; nothing was stored."""


class UploadLostError(BatchServiceError):
    """Nothing of a batch came in for so long that what had come was thrown away."""


class JobFinishedError(BatchServiceError):
    """The job has ended already; what is final stays as it is."""


class LeaseLostError(BatchServiceError):
    """The chunk belongs to another worker by now: what this one has to write is void."""


class RegistryError(BatchServiceError):
    """The registry cannot be used; the text names the file, the line and what to change there."""


class KeyRingError(BatchServiceError):
    """The key ring is missing, malformed, open to others, or not the one that this database is sealed under."""
