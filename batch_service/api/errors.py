"""Which problem each error of the domain is on the wire."""

import logging

from flask import Flask, Response

from batch_service.domain.errors import (
    BatchServiceError,
    DuplicateIdError,
    EmptyBatchError,
    JobFinishedError,
    JobNotFoundError,
    JobRunningError,
    KeyReusedError,
    KeyRingError,
    NothingToRetryError,
    QueueFullError,
    RetryWindowOverError,
    TooManyItemsError,
    UnknownEntityError,
    UploadLostError,
)
from servicekit.problems import FieldError, ProblemError, response
from servicekit.request_id import current_request_id

_RETRY_AFTER_S = "5"
_log = logging.getLogger(__name__)
_PROBLEMS: dict[type[BatchServiceError], tuple[int, str]] = {
    UnknownEntityError: (404, "unknown_entity"),
    EmptyBatchError: (422, "empty_batch"),
    TooManyItemsError: (413, "batch_too_large"),
    DuplicateIdError: (422, "duplicate_id"),
    JobNotFoundError: (404, "job_not_found"),
    JobFinishedError: (409, "job_finished"),
    JobRunningError: (409, "job_running"),
    NothingToRetryError: (409, "nothing_to_retry"),
    RetryWindowOverError: (409, "retry_window_over"),
    KeyReusedError: (422, "idempotency_key_reused"),
    QueueFullError: (503, "queue_full"),
    UploadLostError: (408, "upload_timed_out"),
    KeyRingError: (503, "key_ring_unusable"),
}


def init_app(app: Flask) -> None:
    """Answer every error of the domain with its problem document."""
    for kind in _PROBLEMS:
        app.register_error_handler(kind, _answer)


def _answer(error: BatchServiceError) -> Response:
    status, code = _PROBLEMS[type(error)]
    sentence = str(error)
    if isinstance(error, KeyRingError):  # its operator's business
        _log.error("%s", error)
        sentence = "What is stored cannot be opened now; try again later."
    errors: list[FieldError] = []
    if isinstance(error, DuplicateIdError):
        errors = [{"pointer": f"/{error.second}/id", "detail": str(error)}]
    headers = {"Retry-After": _RETRY_AFTER_S} if status == 503 else {}
    problem = ProblemError(status, sentence, code=code, errors=errors, headers=headers)
    return response(problem, request_id=current_request_id())
