"""The `Idempotency-Key` header."""

from flask import Request

from users_service.api.context import caller
from users_service.domain.idempotency import IdempotencyKey


def idempotency_key(request: Request) -> IdempotencyKey | None:
    """Return the caller's key for this call, None without one; raise InvalidKeyError."""
    header = request.headers.get("Idempotency-Key")
    return None if header is None else IdempotencyKey.parse(header, caller=caller())
