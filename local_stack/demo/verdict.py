"""Whether an import ended as its file foretold, item by item."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from batch_client import ItemResult
from local_stack.demo import names
from local_stack.demo.batch_import import Import
from local_stack.demo.users_csv import Kind, Row

Refusals = Counter[tuple[str, str]]


def refusals(results: Sequence[ItemResult]) -> Refusals:
    """Count what was refused, by response code and error."""
    return Counter(
        (str(result["responseCode"]), str(result["responseBody"]["error"]))
        for result in results
        if result["responseCode"] != "201"
    )


def created(results: Sequence[ItemResult]) -> int:
    """Count what was created."""
    return sum(result["responseCode"] == "201" for result in results)


def faults(rows: Sequence[Row], done: Import) -> Iterator[str]:
    """Yield a sentence for everything that is not as it must be."""
    if [result.get("index") for result in done.results] != list(range(len(rows))):
        yield f"{len(done.results)} results do not stand for {len(rows)} rows in their order."
        return
    pairs = list(zip(rows, done.results, strict=True))
    yield from _refused_rows(pairs, Kind.MISSING_PASSWORD, "/password")
    yield from _refused_rows(pairs, Kind.TOO_LONG, "/username")
    yield from _namesakes(pairs)
    yield from _counts(done)


def _refused_rows(pairs: Sequence[tuple[Row, ItemResult]], kind: Kind, pointer: str) -> Iterator[str]:
    for row, result in pairs:
        if row.kind is kind and (result["responseCode"] != "400" or _pointers(result) != [pointer]):
            yield f"Row {result['index']} ({kind}) got {_shown(result)}."


def _namesakes(pairs: Sequence[tuple[Row, ItemResult]]) -> Iterator[str]:
    # Items run in parallel: which of two rows with one name comes first is open, that exactly one does is not.
    by_name: dict[str, list[ItemResult]] = {}
    for row, result in pairs:
        if row.kind not in (Kind.MISSING_PASSWORD, Kind.TOO_LONG):
            by_name.setdefault(names.key(row.username), []).append(result)
    for results in by_name.values():
        made = created(results)
        taken = sum(result["responseCode"] == "409" and _code(result) == "username_taken" for result in results)
        if (made, taken) != (1, len(results) - 1):
            places = ", ".join(f"{result['index']}: {_shown(result)}" for result in results)
            yield f"Of the rows with one name one must be created and the others taken: {places}."


def _counts(done: Import) -> Iterator[str]:
    made = created(done.results)
    counts = {"total": len(done.results), "pending": 0, "succeeded": made, "failed": len(done.results) - made}
    if {name: done.status.counts.get(name) for name in counts} != counts:
        yield f"The job counts {done.status.counts}, its results {counts}."
    told = Counter({(group["responseCode"], group["error"]): group["count"] for group in done.status.errors})
    if told != refusals(done.results):
        yield f"The job groups its errors as {dict(told)}, its results say {dict(refusals(done.results))}."


def _body(result: ItemResult) -> dict[str, Any]:
    body = result["responseBody"]
    return body if isinstance(body, dict) else {}


def _pointers(result: ItemResult) -> list[str]:
    return [error["pointer"] for error in _body(result).get("errors", [])]


def _code(result: ItemResult) -> object:
    return _body(result).get("code")


def _shown(result: ItemResult) -> str:
    return f"{result['responseCode']} {_body(result).get('error', '')}".strip()
