"""`Retry-After` in both its forms, seconds and a date (RFC 9110 section 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_S = 300.0
"""A target cannot put an item off for longer: it is asked again then."""


def read_retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Return how many seconds the target asks for, from 0 to MAX_S; None where it does not say, or says nonsense.

    A date is measured against the target's own `Date`, since its clock need not be ours.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(MAX_S, float(value[:9]))
    until = _moment(value)
    if until is None:
        return None
    since = _moment(headers.get("date", "")) or now or datetime.now(UTC)
    return min(MAX_S, max(0.0, (until - since).total_seconds()))


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
