"""The body of a request: whole or block by block, packed or not, and JSON as RFC 8259 means it."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected

from servicekit import problems, strict_json
from servicekit.problems import ProblemError

_BLOCK_BYTES = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to say: with the header and the trailer of RFC 1952


def read_json(req: Request, accepted: Sequence[str] = ("application/json",)) -> Any:
    """Return the JSON body of a request; raise a 415, a 413 or a 400 problem if there is none."""
    if not req.content_length and not req.content_type and "Transfer-Encoding" not in req.headers:
        raise ProblemError(400, "Missing body", code="missing_body")
    require_content_type(req, accepted)
    return parse_json(read_body(req))


def parse_json(body: bytes) -> Any:
    """Return what a body says; raise a 400 problem if it is not JSON as RFC 8259 means it."""
    try:
        return strict_json.loads(body)
    except strict_json.InvalidJsonError as error:
        raise _invalid_json(body, str(error)) from None


def _invalid_json(body: bytes, sentence: str) -> ProblemError:
    position = strict_json.faulty_element(body)
    errors: list[problems.FieldError] = [] if position is None else [{"pointer": f"/{position}", "detail": sentence}]
    where = "" if position is None else f" (element {position} of the array)"
    return ProblemError(400, sentence + where, code="invalid_json", errors=errors)


def require_content_type(req: Request, accepted: Sequence[str], *, gzip: bool = False) -> None:
    """Raise a 415 problem unless the body is declared as one of these types, in UTF-8 where a charset is named."""
    charset = req.mimetype_params.get("charset", "utf-8").lower()
    encodings = ("", "identity", "gzip") if gzip else ("", "identity")
    if req.mimetype in accepted and charset in ("utf-8", "utf8") and _encoding(req) in encodings:
        return
    names = " or ".join(accepted)
    packed = "as it is or packed by gzip" if gzip else "not compressed"
    raise ProblemError(
        415,
        f"Send the body as {names}, in UTF-8 and {packed}.",
        code="unsupported_media_type",
        headers={"Accept": ", ".join(accepted), "Accept-Encoding": "gzip" if gzip else "identity"},
    )


def read_body(req: Request) -> bytes:
    """Return the body of a request, unpacked; raise a 413 if it is over the limit, whether its length was declared or not."""
    assert req.max_content_length is not None
    if req.content_length is None or _encoding(req) == "gzip":
        return b"".join(stream_body(req, max_bytes=req.max_content_length))
    body = req.get_data(cache=False)
    _check_whole(req, len(body))
    return body


def stream_body(req: Request, *, max_bytes: int) -> Iterator[bytes]:
    """Yield the body of a request block by block, unpacked; raise a 413 where it grows past the limit.

    The limit holds for what was sent, and for what that unpacks to (CWE-409).
    """
    if (req.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)
    req.max_content_length = max_bytes + 1  # werkzeug would cut the stream off there, and tell nobody
    blocks = _limited(_blocks(req), max_bytes)
    return _limited(_gunzip(blocks), max_bytes) if _encoding(req) == "gzip" else blocks


def _encoding(req: Request) -> str:
    return req.headers.get("Content-Encoding", "").strip().lower()


def _blocks(req: Request) -> Iterator[bytes]:
    received = 0
    try:
        while block := req.stream.read(_BLOCK_BYTES):
            received += len(block)
            yield block
    except (OSError, ParseException):  # how gunicorn says that the connection, or the framing of the body, broke
        raise ClientDisconnected from None
    _check_whole(req, received)


def _check_whole(req: Request, received: int) -> None:
    if req.content_length is not None and received < req.content_length:
        raise ProblemError(400, "The body is shorter than its declared length.", code="incomplete_body")


def _limited(blocks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    total = 0
    for block in blocks:
        total += len(block)
        if total > max_bytes:
            raise _too_large(max_bytes)
        yield block


def _too_large(max_bytes: int) -> ProblemError:
    sentence = f"The body is larger than {max_bytes:,} bytes, the most that one call may send."
    return ProblemError(413, sentence, code="request_entity_too_large")


def _gunzip(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack one gzip member or several in a row (RFC 1952 section 2.2), never more than a block at once."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        for block in blocks:
            packed = block
            while packed:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(_GZIP)
                yield unpacker.decompress(packed, _BLOCK_BYTES)
                packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    except zlib.error:
        raise ProblemError(400, "The body is not what its Content-Encoding says: gzip.", code="invalid_gzip") from None
    if not unpacker.eof:
        raise ProblemError(400, "The gzip body ends before its end.", code="invalid_gzip")
