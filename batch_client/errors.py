"""What can go wrong between a caller and the batch service."""

_TRANSIENT = frozenset({408, 429, 502, 503, 504})


class BatchError(Exception):
    """The batch as a whole was refused, or the service could not be reached (`status` is None then)."""

    def __init__(
        self,
        error: str,
        *,
        code: str,
        status: int | None = None,
        retry_after_s: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.code = code
        self.status = status
        self.retry_after_s = retry_after_s
        self.request_id = request_id

    @property
    def is_transient(self) -> bool:
        """Whether the same call may well succeed a little later."""
        return self.code == "no_answer" or self.status in _TRANSIENT


class JobTimeoutError(BatchError):
    """The caller's own time ran out; the job goes on and can be waited for again."""


class InvalidBatchError(ValueError):
    """A batch makes no sense as it was put together; nothing was sent."""
