"""Items and their results, as they stand on the wire."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

_SENTENCES = ("error", "detail", "message", "title")
_SHOWN = 200


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


def succeeded(result: Mapping[str, Any]) -> bool:
    """Say whether an item did what it should: a 2xx answer, or a 304."""
    code = result.get("responseCode") or ""
    return code.startswith("2") or code == "304"


def error_of(result: Mapping[str, Any]) -> str:
    """Say in a sentence what was said of an item that failed; where nobody said one, the beginning of the answer."""
    body = result.get("responseBody")
    said = next((body[name] for name in _SENTENCES if isinstance(body.get(name), str)), "") if isinstance(body, dict) else ""
    if said or body is None:
        return said or f"HTTP {result.get('responseCode')}"
    text = json.dumps(body, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
