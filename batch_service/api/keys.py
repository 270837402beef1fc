"""The `Idempotency-Key` of a call to this service: the same call sent again is answered with the same job."""

from typing import Any

from flask import request

from batch_service.domain.ports import BatchKey
from servicekit import idempotency_key
from servicekit.problems import ProblemError

PARAMETER: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "pattern": '^"?[A-Za-z0-9_:.-]{8,255}"?$'},
    "description": "The same key with the same call answers with the same job; with another call it is 422",
    "example": "import-2026-11-22",
}


def read_key(*call: bytes) -> BatchKey | None:
    """Read the sender's key, bare or quoted; `call` is all that it came with."""
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return None
    try:
        key = idempotency_key.parse(header)
    except idempotency_key.MalformedIdempotencyKeyError as error:
        raise ProblemError(400, str(error), code="invalid_idempotency_key") from None
    return BatchKey(key, b"\n".join(call))
