"""Which problem each error of the domain is on the wire."""

from flask import Flask, Response

from batch_service.domain.errors import (
    BatchServiceError,
    DuplicateIdError,
    EmptyBatchError,
    JobFinishedError,
    JobNotFoundError,
    JobRunningError,
    KeyReusedError,
    NothingToRetryError,
    QueueFullError,
    TooManyItemsError,
    UnknownEntityError,
    UploadLostError,
)
from servicekit.problems import FieldError, ProblemError, response
from servicekit.request_id import current_request_id

_QUEUE_FULL_RETRY_AFTER_S = "5"
_PROBLEMS: dict[type[BatchServiceError], tuple[int, str]] = {
    UnknownEntityError: (404, "unknown_entity"),
    EmptyBatchError: (422, "empty_batch"),
    TooManyItemsError: (413, "batch_too_large"),
    DuplicateIdError: (422, "duplicate_id"),
    JobNotFoundError: (404, "job_not_found"),
    JobFinishedError: (409, "job_finished"),
    JobRunningError: (409, "job_running"),
    NothingToRetryError: (409, "nothing_to_retry"),
    KeyReusedError: (422, "idempotency_key_reused"),
    QueueFullError: (503, "queue_full"),
    UploadLostError: (408, "upload_timed_out"),
}


def init_app(app: Flask) -> None:
    """Answer every error of the domain with its problem document."""
    for kind in _PROBLEMS:
        app.register_error_handler(kind, _answer)


def _answer(error: BatchServiceError) -> Response:
    status, code = _PROBLEMS[type(error)]
    errors: list[FieldError] = []
    if isinstance(error, DuplicateIdError):
        errors = [{"pointer": f"/{error.second}/id", "detail": str(error)}]
    headers = {"Retry-After": _QUEUE_FULL_RETRY_AFTER_S} if isinstance(error, QueueFullError) else {}
    problem = ProblemError(status, str(error), code=code, errors=errors, headers=headers)
    return response(problem, request_id=current_request_id())
