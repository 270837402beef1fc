"""The form of an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07), bare or as a quoted string."""

import re

_KEY = re.compile(r'("?)([A-Za-z0-9_:.-]{8,255})\1')


class MalformedIdempotencyKeyError(ValueError):
    """An Idempotency-Key has 8 to 255 characters out of A-Z a-z 0-9 _ : . -, bare or in double quotes."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def parse(text: str) -> str:
    """Return the key without its quotes; raise MalformedIdempotencyKeyError."""
    match = _KEY.fullmatch(text)
    if match is None:
        raise MalformedIdempotencyKeyError
    return match[2]
