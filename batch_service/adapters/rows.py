"""Rows of jobs and of items that are to be sent, turned into what the domain knows, and back.

What goes to a target is sealed on the way in and opened on the way out; results are in result_rows.py.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping

from batch_service.adapters.job_keys import JobKeys
from batch_service.adapters.payloads import SEALED, load_headers, open_request, pack_request
from batch_service.adapters.result_rows import RESULT_COLUMNS, result_values
from batch_service.adapters.sealing import UnreadableError
from batch_service.adapters.tables import items
from batch_service.domain.batch import Refused
from batch_service.domain.item import Item
from batch_service.domain.job import Counts, Job, JobStatus, Stop
from batch_service.domain.outcome import refused
from batch_service.domain.owner import Owner
from servicekit.many import Insert

_PLACE = (items.c.job_id, items.c.position, items.c.root_position, items.c.client_id, items.c.method, items.c.target)
_INSERT_SENT = Insert(items, *_PLACE, items.c.headers, items.c.request, items.c.status, items.c.attempts)
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
    items.c.root_position,
    items.c.client_id,
    items.c.method,
    items.c.request,
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


def item_of(row: Sequence[Any], now: int, keys: JobKeys) -> Item:
    """Read an item that is to be sent from a row of `ITEM_COLUMNS`."""
    # By position: thousands of them are read in one go, and a look-up by name costs more than the value.
    index, root, client_id, method, request, target, headers, body, attempts, underway, unclear, not_before, first, key = row
    is_readable = not keys.is_damaged
    try:
        if request is None and headers != SEALED:  # of a job that the version before accepted
            headers = load_headers(headers)
        else:
            target, headers, body = open_request(keys, root, request)
    except UnreadableError:
        target, headers, body, is_readable = "", {}, None, False
    return Item(
        index=index,
        id=client_id,
        method=method,
        target=target,
        headers=headers,
        body=body,
        attempts=attempts,
        # The version before counted an attempt instead of noting that it was underway.
        underway=attempts > 0 if underway is None else underway,
        unclear=bool(unclear),
        wait_s=max(0, not_before - now) / 1000 if not_before else 0.0,
        sent_ago_s=None if first is None else (now - first) / 1000,
        key=key,
        is_readable=is_readable,
    )


def insert_items(connection: Connection, job_id: str, new: Sequence[Item | Refused], keys: JobKeys) -> None:
    """Write the rows of new items; one that is refused has its result from the start."""
    assert keys.requests is not None
    sent = [item for item in new if isinstance(item, Item)]
    if sent:
        requests = keys.requests.seal_all((item.index for item in sent), [pack_request(item) for item in sent])
        _INSERT_SENT(connection, (_sent(job_id, *each) for each in zip(sent, requests, strict=True)))
    refusals = [item for item in new if isinstance(item, Refused)]
    if refusals:
        results = result_values([refused(item.index, item.refusal) for item in refusals], keys)
        _INSERT_REFUSED(connection, (_refused(job_id, *each) for each in zip(refusals, results, strict=True)))


def _sent(job_id: str, item: Item, request: bytes) -> tuple[Any, ...]:
    return (job_id, item.index, item.index, item.id, item.method, "", SEALED, request, "pending", 0)


def _refused(job_id: str, item: Refused, result: dict[str, Any]) -> tuple[Any, ...]:
    return (job_id, item.index, item.index, item.id, "", "", *(result[name] for name in RESULT_COLUMNS))
