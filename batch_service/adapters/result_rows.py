"""Results turned into columns of `items`, and back; what a target said is sealed on the way in and opened on the way out."""

from collections.abc import Sequence
from typing import Any

from batch_service.adapters.job_keys import JobKeys
from batch_service.adapters.payloads import SEALED, dump_headers, load_headers, open_response, pack_response
from batch_service.adapters.sealing import UnreadableError
from batch_service.domain.item import ItemResult
from batch_service.domain.outcome import refused
from batch_service.domain.ports import ResultRow
from batch_service.domain.refusal import OWN_SENTENCES, PAYLOAD_UNREADABLE

RESULT_COLUMNS = (
    "status",
    "response_code",
    "response_headers",
    "response_body",
    "response",
    "answered",
    "unclear",
    "error",
    "sealed_error",
    "attempts",
)
_UNREADABLE = refused(0, PAYLOAD_UNREADABLE)


def result_values(results: Sequence[ItemResult], keys: JobKeys) -> list[dict[str, Any]]:
    """Make the columns that final results fill.

    Raises:
        UnreadableError: the job's keys are damaged, so that what its target said cannot be stored.
    """
    if keys.results is None:
        return [_in_clear(result, keys) for result in results]
    responses = keys.results.seal_all((result.index for result in results), [pack_response(result) for result in results])
    return [_sealed(result, response, keys) for result, response in zip(results, responses, strict=True)]


def values_in_clear(result: ItemResult) -> dict[str, Any]:
    """Make the columns of a result in which this service itself says what it says of any item."""
    return _columns(result, headers=dump_headers(result.headers), body=result.body, error=result.error)


def _in_clear(result: ItemResult, keys: JobKeys) -> dict[str, Any]:
    if keys.is_damaged and result.error not in OWN_SENTENCES:
        raise UnreadableError
    return values_in_clear(result)


def _sealed(result: ItemResult, response: bytes, keys: JobKeys) -> dict[str, Any]:
    if result.error is None or result.error in OWN_SENTENCES or keys.sentences is None:
        return _columns(result, headers=SEALED, response=response, error=result.error)
    return _columns(result, headers=SEALED, response=response, sealed_error=keys.sentences.seal(result.error))


def _columns(
    result: ItemResult,
    *,
    headers: bytes | None,
    body: bytes | None = None,
    response: bytes | None = None,
    error: str | None = None,
    sealed_error: bytes | None = None,
) -> dict[str, Any]:
    return {
        "status": "succeeded" if result.succeeded else "failed",
        "response_code": result.response_code,
        "response_headers": headers,
        "response_body": body,
        "response": response,
        "answered": result.answered,
        "unclear": result.unclear,
        "error": error,
        "sealed_error": sealed_error,
        "attempts": result.attempts,
    }


RESULT_ROW_COLUMNS = (
    "client_id",
    "response_code",
    "response",
    "response_headers",
    "response_body",
    "attempts",
    "error",
    "sealed_error",
)


def result_row_of(row: Sequence[Any], keys: JobKeys, position: int) -> ResultRow:
    """Read an item as its owner sees it from its place in what is read and `RESULT_ROW_COLUMNS`.

    `position` is that in the item's own job, whose keys these are.
    """
    place, client_id, response_code, response, headers, body, attempts, error, sealed_error = row
    try:
        if response is not None:
            headers, body = open_response(keys, position, response)
        else:
            headers = load_headers(headers)
    except UnreadableError:
        headers, body = {}, _UNREADABLE.body
    return ResultRow(
        index=place,
        id=client_id,
        response_code=response_code,
        response_body=body,
        response_headers=headers,
        attempts=attempts,
        error=open_error(keys, error, sealed_error),
    )


def open_error(keys: JobKeys, error: str | None, sealed_error: bytes | None) -> str | None:
    """Read the sentence of a failure, whichever way it stands there."""
    if sealed_error is None:
        return error
    try:
        return PAYLOAD_UNREADABLE.error if keys.sentences is None else keys.sentences.open(sealed_error)
    except UnreadableError:
        return PAYLOAD_UNREADABLE.error
