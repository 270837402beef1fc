"""Items and their results, as they stand on the wire."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict


class Item(TypedDict, total=False):
    """One call of the target: `method` is POST and `path` the collection itself unless the item says otherwise."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    entity: str
    body: Any
    id: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    dependsOn: Sequence[str]
    bind: Mapping[str, str]


class ItemResult(TypedDict, total=False):
    """What became of one item; `responseCode` is None while it is not final, `index` stands in the results of a job."""

    responseCode: str | None
    responseBody: Any
    responseHeaders: dict[str, str]
    id: str
    index: int
    attempts: int


def succeeded(result: ItemResult) -> bool:
    """Say whether an item did what it should: a 2xx answer, or a 304."""
    code = result.get("responseCode") or ""
    return code.startswith("2") or code == "304"
