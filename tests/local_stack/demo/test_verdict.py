import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from batch_client import ItemResult, JobStatus
from local_stack.demo import names, users_csv, verdict
from local_stack.demo.batch_import import Import
from local_stack.demo.users_csv import Kind, Row

ROWS = users_csv.make_rows(1_000, plain=True)


def answer(row: Row, seen: set[str]) -> tuple[str, dict[str, Any]]:
    if row.kind is Kind.MISSING_PASSWORD:
        return "400", {"error": "Missing password", "code": "missing_field", "errors": [{"pointer": "/password"}]}
    if row.kind is Kind.TOO_LONG:
        return "400", {"error": "Too long", "code": "invalid_field", "errors": [{"pointer": "/username"}]}
    if names.key(row.username) in seen:
        return "409", {"error": "This username is taken.", "code": "username_taken", "errors": []}
    seen.add(names.key(row.username))
    return "201", {"userId": "1"}


def as_foretold() -> Import:
    seen: set[str] = set()
    results: list[ItemResult] = []
    for index, row in enumerate(ROWS):
        code, body = answer(row, seen)
        results.append({"index": index, "responseCode": code, "responseBody": body})
    errors = [
        {"responseCode": "409", "error": "This username is taken.", "count": 10},
        {"responseCode": "400", "error": "Missing password", "count": 6},
        {"responseCode": "400", "error": "Too long", "count": 4},
    ]
    counts = {"total": 1_000, "pending": 0, "succeeded": 980, "failed": 20}
    return Import(JobStatus("j1", "users", "partial", counts, errors=errors), results, seconds=1.0)


def taken(done: Import) -> int:
    return next(index for index, result in enumerate(done.results) if result["responseCode"] == "409")


def first(kind: Kind) -> int:
    return next(index for index, row in enumerate(ROWS) if row.kind is kind)


def put(done: Import, index: int, code: str, body: dict[str, Any]) -> Import:
    done.results[index]["responseCode"] = code
    done.results[index]["responseBody"] = body
    return done


def test_what_was_foretold_has_no_fault() -> None:
    done = as_foretold()
    assert list(verdict.faults(ROWS, done)) == []
    assert verdict.created(done.results) == 980


def test_the_later_of_two_namesakes_may_come_first() -> None:
    done = as_foretold()
    index = taken(done)
    twin = next(i for i, row in enumerate(ROWS) if i != index and names.key(row.username) == names.key(ROWS[index].username))
    one, other = done.results[index], done.results[twin]
    one["responseBody"], other["responseBody"] = other["responseBody"], one["responseBody"]
    one["responseCode"], other["responseCode"] = other["responseCode"], one["responseCode"]
    assert list(verdict.faults(ROWS, done)) == []


USER = {"userId": "2"}
TOO_LONG = {"error": "Too long", "errors": [{"pointer": "/email"}]}
UNKNOWN = {"error": "outcome unknown", "code": "outcome_unknown"}
SPOILED: list[tuple[str, Callable[[Import], Import]]] = [
    ("do not stand for", lambda done: replace(done, results=done.results[:-1])),
    ("do not stand for", lambda done: replace(done, results=done.results[::-1])),
    ("one must be created.*503 No answer", lambda done: put(done, first(Kind.GOOD), "503", {"error": "No answer"})),
    ("one must be created", lambda done: put(done, taken(done), "201", USER)),
    ("one must be created.*409 outcome unknown", lambda done: put(done, taken(done), "409", UNKNOWN)),
    ("missing password.*got 201", lambda done: put(done, first(Kind.MISSING_PASSWORD), "201", USER)),
    ("over-long name.*got 400 Too long", lambda done: put(done, first(Kind.TOO_LONG), "400", TOO_LONG)),
    ("The job counts", lambda done: replace(done, status=replace(done.status, counts={"total": 1_000}))),
    ("The job groups its errors", lambda done: replace(done, status=replace(done.status, errors=[]))),
]


@pytest.mark.parametrize(("fault", "spoil"), SPOILED)
def test_everything_else_is_named(fault: str, spoil: Callable[[Import], Import]) -> None:
    assert any(re.search(fault, found) for found in verdict.faults(ROWS, spoil(as_foretold())))
