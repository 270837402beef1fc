"""The items of a request: a small array as a whole, everything else as it comes."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from flask import Request

from batch_service.api import csv_rows, ndjson
from batch_service.api.item_schema import read_draft
from batch_service.api.lines import lines
from batch_service.application.submit_batch import Limits
from batch_service.domain.batch import Draft, check_size
from servicekit import json_stream
from servicekit.problems import FieldError, ProblemError
from servicekit.request_body import parse_json, require_content_type, stream_body

JSON = "application/json"
MEDIA_TYPES = (JSON, ndjson.MEDIA_TYPE, csv_rows.MEDIA_TYPE)
_WHOLE_BYTES = 4 * 2**20
_READERS = {ndjson.MEDIA_TYPE: ndjson.read_drafts, csv_rows.MEDIA_TYPE: csv_rows.read_drafts}


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a request brings."""

    first: list[Draft]
    """All items, where `rest` is None."""
    rest: Iterator[Draft] | None
    """Those that follow, read as they are asked for."""
    payload: Callable[[], tuple[bytes, ...]]
    """What stands for all of it, once it was read: the body, or its hash where nobody keeps it."""


def read_incoming(req: Request, limits: Limits) -> Incoming:
    """Read the items of a request, as many of them as a synchronous batch may have; raise a problem for what is none."""
    require_content_type(req, MEDIA_TYPES, gzip=True)
    blocks = _Counted(stream_body(req, max_bytes=limits.max_stream_bytes))
    if req.mimetype == JSON:
        return _read_array(blocks, limits)
    content = hashlib.sha256(req.mimetype.encode() + b"\n")
    return Incoming([], _READERS[req.mimetype](lines(_hashed(content.update, blocks))), lambda: (content.digest(),))


def _read_array(blocks: "_Counted", limits: Limits) -> Incoming:
    head: list[bytes] = []
    for block in blocks:
        head.append(block)
        if blocks.taken > min(_WHOLE_BYTES, limits.max_body_bytes):
            return _read_long_array(chain(head, blocks), blocks, limits)
    body = b"".join(head)
    batch = parse_json(body)
    if not isinstance(batch, list):
        raise _not_an_array()
    check_size(len(batch), max_items=limits.max_items)
    return Incoming([read_draft(raw) for raw in batch], None, lambda: (body,))


def _read_long_array(body: Iterable[bytes], blocks: "_Counted", limits: Limits) -> Incoming:
    content = hashlib.sha256()
    drafts = _read_elements(_hashed(content.update, body))
    first: list[Draft] = []
    for draft in drafts:
        first.append(draft)
        if len(first) > limits.max_sync_items or blocks.taken > limits.max_body_bytes:
            return Incoming([], chain(first, drafts), lambda: (content.digest(),))
    check_size(len(first), max_items=limits.max_items)
    return Incoming(first, None, lambda: (content.digest(),))


def _read_elements(body: Iterable[bytes]) -> Iterator[Draft]:
    try:
        yield from map(read_draft, json_stream.elements(body))
    except json_stream.NotAnArrayError:
        raise _not_an_array() from None
    except json_stream.ElementTooLongError:
        sentence = f"An item is longer than {json_stream.MAX_ELEMENT_CHARACTERS:,} characters."
        raise ProblemError(413, sentence, code="item_too_long") from None
    except json_stream.InvalidElementError as error:
        pointed: list[FieldError] = [{"pointer": f"/{error.position}", "detail": str(error)}]
        sentence = f"{error} (element {error.position} of the array)"
        raise ProblemError(400, sentence, code="invalid_json", errors=pointed) from None


def _not_an_array() -> ProblemError:
    return ProblemError(422, 'Send a JSON array of items: [{"method": "POST", "body": {...}}]', code="not_an_array")


class _Counted:
    """Blocks, and how many bytes of them were taken."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self.taken += len(block)
            yield block


def _hashed(update: Callable[[bytes], None], blocks: Iterable[bytes]) -> Iterator[bytes]:
    for block in blocks:
        update(block)
        yield block
