"""A request as the strict target reads it."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def collection(self) -> str:
        return self.path.split("/")[2]

    @property
    def name(self) -> str:
        _, _, _, *tail = self.path.split("/")
        return tail[0] if tail else str(json.loads(self.body)["name"])

    @property
    def key(self) -> str | None:
        return self.headers.get("idempotency-key")

    @property
    def parts(self) -> list["Request"]:
        """What came to a batch door, as if each had come by itself; or the request alone."""
        collection, door, _ = self.path.partition("/batch")
        if not door:
            return [self]
        return [self._part(collection, item) for item in json.loads(self.body)]

    def _part(self, collection: str, item: dict[str, Any]) -> "Request":
        headers = {"idempotency-key": item["idempotencyKey"]} if "idempotencyKey" in item else {}
        return Request("POST", collection, headers, json.dumps(item.get("body", item)).encode())


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read the next request of a connection; None where it has ended."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, path, _ = first.split(" ")
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))
