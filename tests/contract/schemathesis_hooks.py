"""How schemathesis writes the bodies that are no JSON."""

from typing import Any

import schemathesis


@schemathesis.serializer("text/csv", "application/x-ndjson")
def as_text(context: Any, value: Any) -> bytes:
    """The contract describes both as a string; what is none (of a fault that is tried) goes as its text."""
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
