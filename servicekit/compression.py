"""Answers packed by gzip for clients that say they can unpack it (RFC 9110 section 12.5.3)."""

import gzip
import zlib
from collections.abc import Iterable, Iterator

from flask import Flask, Response, request
from werkzeug.wsgi import ClosingIterator

_LEVEL = 1  # the higher ones cost several times the work for a few per cent
_MIN_BYTES = 4096
_GZIP = 16 + zlib.MAX_WBITS


def init_app(app: Flask) -> None:
    """Pack what is worth it: long answers, and those whose length nobody knows yet."""
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0 or "Content-Encoding" in response.headers or response.direct_passthrough:
        return response
    if response.is_streamed:
        close = getattr(response.response, "close", None)
        response.response = ClosingIterator(_packed(response.iter_encoded()), close)
    elif (response.content_length or 0) >= _MIN_BYTES:
        response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
    else:
        return response
    response.headers["Content-Encoding"] = "gzip"
    return response


def _packed(parts: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
    for part in parts:
        # What was handed in leaves at once: a client may be waiting for it.
        yield packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
