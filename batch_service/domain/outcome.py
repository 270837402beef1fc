"""From the end of an attempt to what is done about it: try again after a while, or a final result."""

import base64
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson

from batch_service.domain.attempt import Answered, Fault, MaybeApplied, Outcome
from batch_service.domain.entity import Entity
from batch_service.domain.item import Item, ItemResult, is_success
from batch_service.domain.job import Stop
from batch_service.domain.refusal import (
    ADDRESS_REFUSED,
    CANCELLED,
    EXPIRED,
    OUTCOME_UNKNOWN,
    REDIRECT_REFUSED,
    RESPONSE_TOO_LARGE,
    TARGET_BROKEN,
    TARGET_NAME_UNKNOWN,
    TARGET_TIMED_OUT,
    TARGET_TLS_FAILED,
    TARGET_UNREACHABLE,
    TOO_MANY_ERRORS,
    Refusal,
)
from batch_service.domain.retry_after import read_retry_after

# The target says that it did not process the request …
_UNPROCESSED = frozenset({408, 425, 429, 503})
# … or someone in front of it says that it does not know.
_PERHAPS_PROCESSED = frozenset({502, 504})
KEPT_HEADERS = ("Location", "ETag", "Retry-After")
MAX_ERROR_CHARACTERS = 200
_FIRST_DELAY_S = 0.2
_MAX_DELAY_S = 10.0
_REFUSALS = {
    Fault.NAME_UNKNOWN: TARGET_NAME_UNKNOWN,
    Fault.UNREACHABLE: TARGET_UNREACHABLE,
    Fault.TLS_FAILED: TARGET_TLS_FAILED,
    Fault.BROKEN: TARGET_BROKEN,
    Fault.TIMED_OUT: TARGET_TIMED_OUT,
    Fault.TOO_LARGE: RESPONSE_TOO_LARGE,
    Fault.ADDRESS_REFUSED: ADDRESS_REFUSED,
}
_NOT_JSON = object()
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")
_NEVER_RETRIED = (Fault.TOO_LARGE, Fault.ADDRESS_REFUSED)


@dataclass(frozen=True, slots=True)
class Again:
    """The item is to be sent again after so many seconds."""

    index: int
    delay_s: float


def may_send_again(entity: Entity, item: Item) -> bool:
    """Say whether a second sending of an item that may have been applied changes nothing."""
    return item.is_idempotent or entity.idempotent_writes


def may_have_been_applied(item: Item, outcome: Outcome) -> bool:
    """Say whether an attempt that brought no answer of the target's own may have changed something there."""
    unclear = isinstance(outcome, MaybeApplied) or (isinstance(outcome, Answered) and outcome.status in _PERHAPS_PROCESSED)
    return unclear and not item.is_safe


def decide(
    entity: Entity, item: Item, outcome: Outcome, *, attempts: int, spread: Callable[[], float] = random.random
) -> Again | ItemResult:
    """Decide about an attempt, the `attempts`-th of its item; `spread` gives the jitter, from 0 to 1."""
    if attempts <= entity.retries and _is_worth_another(entity, item, outcome):
        # Full jitter: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
        backoff_s = spread() * min(_MAX_DELAY_S, _FIRST_DELAY_S * 2 ** (attempts - 1))
        asked_s = read_retry_after(outcome.headers) if isinstance(outcome, Answered) else None
        return Again(item.index, backoff_s + (asked_s or 0.0))
    unclear = may_have_been_applied(item, outcome) and not may_send_again(entity, item)
    if isinstance(outcome, Answered):
        return replace(_answer(outcome, attempts), unclear=unclear)
    if unclear and outcome.fault is not Fault.TOO_LARGE:
        return refused(item.index, OUTCOME_UNKNOWN, attempts=attempts)
    return replace(refused(item.index, _REFUSALS[outcome.fault], attempts=attempts), unclear=unclear)


_STOPPED = {Stop.CANCELLED: CANCELLED, Stop.ERRORS: TOO_MANY_ERRORS, Stop.EXPIRED: EXPIRED}


def stopped(index: int, stop: Stop, *, attempts: int = 0) -> ItemResult:
    """Make the result of an item that was not sent because its job had stopped."""
    return refused(index, _STOPPED[stop], attempts=attempts)


def refused(index: int, refusal: Refusal, *, attempts: int = 0) -> ItemResult:
    """Make the result of an item for which this service answers itself."""
    body = orjson.dumps(refusal.document())
    return ItemResult(index, refusal.status, body, attempts=attempts, error=_printable(refusal.error))


def _is_worth_another(entity: Entity, item: Item, outcome: Outcome) -> bool:
    if isinstance(outcome, Answered):
        if outcome.status in _PERHAPS_PROCESSED:
            return may_send_again(entity, item)
        return outcome.status in _UNPROCESSED or _is_key_in_use(outcome)
    if outcome.fault in _NEVER_RETRIED:
        return False
    return not isinstance(outcome, MaybeApplied) or may_send_again(entity, item)


def _is_key_in_use(outcome: Answered) -> bool:
    """Say whether the target is still at work on an earlier sending of the item: its answer will be there in a moment."""
    if outcome.status != 409 or "retry-after" not in outcome.headers:
        return False
    value = _parse(outcome)
    return isinstance(value, dict) and value.get("code") == "idempotency_key_in_use"


def _answer(outcome: Answered, attempts: int) -> ItemResult:
    if 300 <= outcome.status < 400 and outcome.status != 304:
        return refused(outcome.index, REDIRECT_REFUSED, attempts=attempts)
    headers = {name: outcome.headers[name.lower()] for name in KEPT_HEADERS if name.lower() in outcome.headers}
    value = _parse(outcome)
    body = None if not outcome.body else outcome.body if value is not _NOT_JSON else _wrap(outcome)
    error = None if is_success(outcome.status) else _sentence(outcome.status, value)
    return ItemResult(
        outcome.index,
        outcome.status,
        body,
        headers,
        attempts,
        answered=outcome.status not in _PERHAPS_PROCESSED,
        error=error,
    )


def _parse(outcome: Answered) -> object:
    media_type = (outcome.content_type or "").partition(";")[0].strip().lower()
    if "content-encoding" in outcome.headers or not (media_type == "application/json" or media_type.endswith("+json")):
        return _NOT_JSON
    try:
        return orjson.loads(outcome.body)
    except orjson.JSONDecodeError:
        return _NOT_JSON


def _wrap(outcome: Answered) -> bytes:
    """A body that is not JSON, as a JSON value that loses nothing."""
    encoded = base64.b64encode(outcome.body).decode()
    return orjson.dumps({"contentType": outcome.content_type, "base64": encoded})


def _sentence(status: int, value: object) -> str:
    """The target's own words about a failure, where they can be found."""
    if isinstance(value, dict):
        for key in ("error", "detail", "message", "title"):
            text = value.get(key)
            if isinstance(text, str) and text.strip():
                return _printable(text)
    return f"The target answered {status}."


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text[: 2 * MAX_ERROR_CHARACTERS])[:MAX_ERROR_CHARACTERS]
