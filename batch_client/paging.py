"""Lists that come in pages."""

from collections.abc import Iterator, Mapping
from typing import Any

from batch_client.transport import Transport

LIMIT = 1000


def pages(
    transport: Transport, path: str, plural: str, query: Mapping[str, str | None], *, limit: int | None = None
) -> Iterator[Any]:
    """Yield what stands under `plural` in a page and in all that follow it, and `limit` of it at most."""
    cursor, left = None, limit
    while left is None or left > 0:
        page = transport.get(path, {**query, "limit": LIMIT if left is None else min(left, LIMIT), "cursor": cursor})
        found = page[plural]
        yield from found
        cursor = page.get("next")
        if cursor is None:
            return
        left = None if left is None else left - len(found)
