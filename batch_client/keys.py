"""Idempotency keys: the same call with the same key is the same batch, however often it arrives."""

import uuid


def new_key() -> str:
    """Make a key that nobody has used."""
    return f"client-{uuid.uuid4()}"
