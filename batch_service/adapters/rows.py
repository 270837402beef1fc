"""Rows of the job store turned into what the domain knows, and back."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping

from batch_service.adapters.tables import items
from batch_service.domain.batch import Refused
from batch_service.domain.item import Item, ItemResult
from batch_service.domain.job import Counts, Job, JobStatus, Stop
from batch_service.domain.outcome import refused
from batch_service.domain.owner import Owner
from batch_service.domain.ports import ResultRow
from servicekit.many import Insert

RESULT_COLUMNS = ("status", "response_code", "response_headers", "response_body", "answered", "unclear", "error", "attempts")
_PLACE = (items.c.job_id, items.c.position, items.c.root_position, items.c.client_id, items.c.method, items.c.target)
_INSERT_SENT = Insert(items, *_PLACE, items.c.headers, items.c.body, items.c.status, items.c.attempts)
_INSERT_REFUSED = Insert(items, *_PLACE, *(items.c[name] for name in RESULT_COLUMNS))


def job_of(row: RowMapping) -> Job:
    """Read a job from a row of `jobs`."""
    return Job(
        id=row["id"],
        entity=row["entity"],
        owner=Owner(row["tenant"], row["subject"]),
        status=JobStatus(row["status"]),
        counts=Counts(row["total"], row["succeeded"], row["failed"]),
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        expires_at=row["expires_at"],
        retry_of=row["retry_of"],
        stop=Stop(row["stop"]) if row["stop"] else None,
        max_errors=row["max_errors"],
        traceparent=row["traceparent"],
        patient=row["patient"],
    )


ITEM_COLUMNS = (
    items.c.position,
    items.c.client_id,
    items.c.method,
    items.c.target,
    items.c.headers,
    items.c.body,
    items.c.attempts,
    items.c.underway,
    items.c.unclear,
    items.c.not_before,
    items.c.first_sent_at,
    items.c.key,
)


def item_of(row: Sequence[Any], now: int) -> Item:
    """Read an item that is to be sent from a row of `ITEM_COLUMNS`."""
    # By position: thousands of them are read in one go, and a look-up by name costs more than the value.
    index, client_id, method, target, headers, body, attempts, underway, unclear, not_before, first_sent_at, key = row
    return Item(
        index=index,
        id=client_id,
        method=method,
        target=target,
        headers=_headers(headers),
        body=body,
        attempts=attempts,
        # The version before counted an attempt instead of noting that it was underway.
        underway=attempts > 0 if underway is None else underway,
        unclear=bool(unclear),
        wait_s=max(0, not_before - now) / 1000 if not_before else 0.0,
        sent_ago_s=None if first_sent_at is None else (now - first_sent_at) / 1000,
        key=key,
    )


RESULT_ROW_COLUMNS = ("client_id", "response_code", "response_body", "response_headers", "attempts", "error")


def result_row_of(row: Sequence[Any]) -> ResultRow:
    """Read an item as its owner sees it from its position and `RESULT_ROW_COLUMNS`."""
    position, client_id, response_code, response_body, response_headers, attempts, error = row
    return ResultRow(
        index=position,
        id=client_id,
        response_code=response_code,
        response_body=response_body,
        response_headers=_headers(response_headers),
        attempts=attempts,
        error=error,
    )


def insert_items(connection: Connection, job_id: str, new: Sequence[Item | Refused]) -> None:
    """Write the rows of new items; one that is refused has its result from the start."""
    _INSERT_SENT(connection, [_sent(job_id, item) for item in new if isinstance(item, Item)])
    _INSERT_REFUSED(connection, [_refused(job_id, item) for item in new if isinstance(item, Refused)])


def _sent(job_id: str, item: Item) -> tuple[Any, ...]:
    headers = orjson.dumps(item.headers) if item.headers else None
    place = (job_id, item.index, item.index, item.id)
    return (*place, item.method, item.target, headers, item.body, "pending", 0)


def _refused(job_id: str, item: Refused) -> tuple[Any, ...]:
    result = result_values(refused(item.index, item.refusal))
    return (job_id, item.index, item.index, item.id, "", "", *(result[name] for name in RESULT_COLUMNS))


def result_values(result: ItemResult) -> dict[str, Any]:
    """Make the columns that a final result fills."""
    return {
        "status": "succeeded" if result.succeeded else "failed",
        "response_code": result.response_code,
        "response_headers": orjson.dumps(result.headers) if result.headers else None,
        "response_body": result.body,
        "answered": result.answered,
        "unclear": result.unclear,
        "error": result.error,
        "attempts": result.attempts,
    }


def _headers(stored: bytes | None) -> dict[str, str]:
    return orjson.loads(stored) if stored else {}
