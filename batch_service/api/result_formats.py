"""Results as NDJSON and as CSV, a page of them in memory at a time."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence

import orjson
from flask import Response

from batch_service.api import csv_rows, ndjson
from batch_service.api.schemas import result_document
from batch_service.domain.ports import ResultRow

Pages = Iterable[Sequence[ResultRow]]
CSV_COLUMNS = ("index", "id", "responseCode", "attempts", "error", "responseBody")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LINE_ENDS = bytes.maketrans(b"\n\r", b"  ")


def write_ndjson(pages: Pages, *, minimal: bool) -> Iterator[bytes]:
    """Yield a line a result, as it stands in the pages of a job."""
    for rows in pages:
        # In JSON a line end can only be white space: in a string it is escaped.
        documents = (result_document(row, with_index=True, minimal=minimal) for row in rows)
        if part := b"".join(orjson.dumps(document).translate(_LINE_ENDS) + b"\n" for document in documents):
            yield part


def write_csv(pages: Pages, *, minimal: bool) -> Iterator[bytes]:
    """Yield a header, and a row a result; what a spreadsheet would run as a formula has an apostrophe before it (CWE-1236)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for rows in pages:
        writer.writerows(_cells(row, minimal=minimal) for row in rows)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


def _cells(row: ResultRow, *, minimal: bool) -> tuple[object, ...]:
    body = b"" if minimal and row.succeeded else row.response_body or b""
    return row.index, _harmless(row.id), row.response_code, row.attempts or None, _harmless(row.error), body.decode()


def _harmless(text: str | None) -> str | None:
    return f"'{text}" if text and text.startswith(_FORMULA) else text


WRITERS: dict[str, Callable[..., Iterator[bytes]]] = {ndjson.MEDIA_TYPE: write_ndjson, csv_rows.MEDIA_TYPE: write_csv}


def streamed(pages: Pages, media_type: str, *, minimal: bool) -> Response:
    """Answer results as one of `WRITERS`, as they are read."""
    return Response(WRITERS[media_type](pages, minimal=minimal), mimetype=media_type)
