"""Rows of the job store turned into what the domain knows, and back."""

from typing import Any

import orjson
from sqlalchemy import RowMapping

from batch_service.domain.batch import Refused
from batch_service.domain.item import Item, ItemResult
from batch_service.domain.job import Counts, Job, JobStatus, Stop
from batch_service.domain.outcome import refused
from batch_service.domain.ports import ResultRow

RESULT_COLUMNS = ("status", "response_code", "response_headers", "response_body", "answered", "unclear", "error", "attempts")


def job_of(row: RowMapping) -> Job:
    """Read a job from a row of `jobs`."""
    return Job(
        id=row["id"],
        entity=row["entity"],
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


def item_of(row: RowMapping) -> Item:
    """Read an item that is to be sent from a row of `items`, and `now`."""
    return Item(
        index=row["position"],
        id=row["client_id"],
        method=row["method"],
        target=row["target"],
        headers=_headers(row["headers"]),
        body=row["body"],
        attempts=row["attempts"],
        # The version before counted an attempt instead of noting that it was underway.
        underway=row["attempts"] > 0 if row["underway"] is None else row["underway"],
        unclear=bool(row["unclear"]),
        wait_s=max(0, (row["not_before"] or 0) - row["now"]) / 1000,
        sent_ago_s=None if row["first_sent_at"] is None else (row["now"] - row["first_sent_at"]) / 1000,
        key=row["key"],
    )


def result_row_of(row: RowMapping, *, position: str = "position") -> ResultRow:
    """Read an item as its owner sees it from a row of `items`."""
    return ResultRow(
        index=row[position],
        id=row["client_id"],
        response_code=row["response_code"],
        response_body=row["response_body"],
        response_headers=_headers(row["response_headers"]),
        attempts=row["attempts"],
    )


def item_values(job_id: str, item: Item | Refused) -> dict[str, Any]:
    """Make the row of a new item; one that is refused has its result from the start."""
    if isinstance(item, Refused):
        values = result_values(refused(item.index, item.refusal))
        return {**values, **_new(job_id, item.index, item.id), "method": "", "target": "", "headers": None, "body": None}
    headers = orjson.dumps(item.headers) if item.headers else None
    sent = {"method": item.method, "target": item.target, "headers": headers, "body": item.body}
    return {**_PENDING, **_new(job_id, item.index, item.id), **sent}


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


_PENDING: dict[str, Any] = {**dict.fromkeys(RESULT_COLUMNS), "status": "pending", "attempts": 0}


def _new(job_id: str, index: int, client_id: str | None) -> dict[str, Any]:
    return {"job_id": job_id, "position": index, "root_position": index, "client_id": client_id, "key": None}


def _headers(stored: bytes | None) -> dict[str, str]:
    return orjson.loads(stored) if stored else {}
