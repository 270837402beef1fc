"""What of an item is sealed as one: a head in JSON, in which no line end stands by itself, and behind the first the body."""

from collections.abc import Mapping

import orjson

from batch_service.adapters.job_keys import JobKeys
from batch_service.adapters.sealing import UnreadableError
from batch_service.domain.item import Item, ItemResult

# Stands where the version before looks for headers, and cannot read it: it never sends, nor shows, an item without its body.
SEALED = b"sealed"


def pack_request(item: Item) -> bytes:
    """Put together what goes to the target: url, headers, body."""
    head = orjson.dumps([item.target, item.headers] if item.headers else [item.target])
    return head if item.body is None else b"%b\n%b" % (head, item.body)


def open_request(keys: JobKeys, position: int, blob: bytes | None) -> tuple[str, dict[str, str], bytes | None]:
    """Open what goes to the target; raise UnreadableError, also where it is gone."""
    if keys.requests is None or blob is None:
        raise UnreadableError
    head, has_body, body = keys.requests.open(position, blob).partition(b"\n")
    target, *headers = orjson.loads(head)
    return target, headers[0] if headers else {}, body if has_body else None


def pack_response(result: ItemResult) -> bytes:
    """Put together what came back: headers, body."""
    head = dump_headers(result.headers) or b""
    return head if result.body is None else b"%b\n%b" % (head, result.body)


def open_response(keys: JobKeys, position: int, blob: bytes) -> tuple[dict[str, str], bytes | None]:
    """Open what came back; raise UnreadableError."""
    if keys.results is None:
        raise UnreadableError
    head, has_body, body = keys.results.open(position, blob).partition(b"\n")
    return load_headers(head), body if has_body else None


def dump_headers(headers: Mapping[str, str]) -> bytes | None:
    """Write headers as they are stored in clear."""
    return orjson.dumps(headers) if headers else None


def load_headers(stored: bytes | None) -> dict[str, str]:
    """Read headers as `dump_headers` wrote them."""
    return orjson.loads(stored) if stored else {}
