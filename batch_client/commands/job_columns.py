"""Jobs, entities and results as rows."""

import json
from typing import Any

from batch_client.commands.output import Column, Document
from batch_client.items import error_of, succeeded


def _count(name: str) -> Any:
    return lambda job: job["counts"][name]


def _done(job: Document) -> str:
    counts = job["counts"]
    return f"{counts['total'] - counts['pending']:,}/{counts['total']:,}"


def _time(name: str) -> Any:
    def shown(job: Document) -> str:
        return (job[name] or "")[:19].replace("T", " ") + ("Z" if job[name] else "")

    return shown


def _failure(result: Document) -> str | None:
    return None if result.get("responseCode") is None or succeeded(result) else error_of(result)


def _answer(result: Document) -> str:
    body = result.get("responseBody")
    return _failure(result) or ("" if body is None else json.dumps(body, ensure_ascii=False))


def _list(name: str) -> Any:
    return lambda document: " ".join(document.get(name) or ())


def _rate(entity: Document) -> str:
    rate = entity.get("ratePerSecond")
    return f"{rate:g}/s" if rate else ""


def _hold(entity: Document) -> Any:
    return (entity.get("hold") or {}).get("reason")


JOBS = (
    Column("jobId", "job", lambda job: job["jobId"]),
    Column("entity", "entity", lambda job: job["entity"]),
    Column("status", "status", lambda job: job["status"]),
    Column("total", "done", _count("total"), is_number=True, shown=_done),
    Column("pending", "", _count("pending")),
    Column("succeeded", "succeeded", _count("succeeded"), is_number=True, shown=lambda job: f"{job['counts']['succeeded']:,}"),
    Column("failed", "failed", _count("failed"), is_number=True, shown=lambda job: f"{job['counts']['failed']:,}"),
    Column("createdAt", "created", lambda job: job["createdAt"], shown=_time("createdAt")),
    Column("startedAt", "", lambda job: job["startedAt"]),
    Column("finishedAt", "finished", lambda job: job["finishedAt"], shown=_time("finishedAt")),
    Column("expiresAt", "", lambda job: job["expiresAt"]),
    Column("retryOf", "", lambda job: job["retryOf"]),
)
ERRORS = (
    Column("responseCode", "code", lambda group: group["responseCode"], is_number=True),
    Column("count", "items", lambda group: group["count"], is_number=True, shown=lambda group: f"{group['count']:,}"),
    Column("error", "error", lambda group: group["error"]),
)
RESULTS = (
    Column("index", "item", lambda result: result.get("index"), is_number=True),
    Column("id", "id", lambda result: result.get("id")),
    Column(
        "responseCode",
        "code",
        lambda result: result.get("responseCode"),
        shown=lambda result: result.get("responseCode") or "-",
    ),
    Column("attempts", "", lambda result: result.get("attempts")),
    Column("error", "", _failure),
    Column("responseBody", "answer", lambda result: result.get("responseBody"), shown=_answer),
)
ENTITIES = (
    Column("name", "name", lambda entity: entity["name"]),
    Column("methods", "methods", _list("methods")),
    Column("headers", "headers", _list("headers")),
    Column("concurrency", "at once", lambda entity: entity.get("concurrency"), is_number=True),
    Column("ratePerSecond", "rate", lambda entity: entity.get("ratePerSecond"), is_number=True, shown=_rate),
    Column("timeoutSeconds", "timeout", lambda entity: entity.get("timeoutSeconds"), is_number=True),
    Column("retries", "retries", lambda entity: entity.get("retries"), is_number=True),
    Column("idempotentWrites", "keys honoured", lambda entity: entity.get("idempotentWrites")),
    Column("hold", "hold", _hold),
)
