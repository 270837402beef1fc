"""One id for each request, taken from the caller if it is well formed, and sent back with every answer."""

import re

from flask import Flask, Response, g, request

from servicekit.ids import new_id

HEADER = "X-Request-Id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def current_request_id() -> str:
    """Return the id of the request that is being answered."""
    if "request_id" not in g:
        sent = request.headers.get(HEADER, "")
        g.request_id = sent if _WELL_FORMED.fullmatch(sent) else new_id()
    return str(g.request_id)


def current_traceparent() -> str | None:
    """Return the caller's W3C `traceparent` if it sent a valid one (Trace Context level 1, section 3.2)."""
    sent = request.headers.get("traceparent", "")
    return sent if _TRACEPARENT.fullmatch(sent) else None


def init_app(app: Flask) -> None:
    """Put the id on every answer of the app, errors included."""

    @app.after_request
    def _echo(response: Response) -> Response:
        response.headers[HEADER] = current_request_id()
        return response
