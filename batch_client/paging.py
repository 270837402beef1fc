"""Lists that come in pages."""

from collections.abc import Iterator, Mapping
from typing import Any

from batch_client.transport import Transport

LIMIT = 1000


def pages(transport: Transport, path: str, plural: str, query: Mapping[str, str | None]) -> Iterator[Any]:
    """Yield what stands under `plural` in a page and in all that follow it."""
    cursor: str | None = None
    while True:
        page = transport.get(path, {**query, "limit": LIMIT, "cursor": cursor})
        yield from page[plural]
        cursor = page.get("next")
        if cursor is None:
            return
