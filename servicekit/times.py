"""Times are whole milliseconds since the Unix epoch inside, RFC 3339 UTC on the wire."""

from datetime import UTC, datetime


def rfc3339(epoch_ms: int | None) -> str | None:
    """Render milliseconds since the epoch as `2026-11-22T19:51:42.123Z`; None stays None."""
    if epoch_ms is None:
        return None
    moment = datetime.fromtimestamp(epoch_ms / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
