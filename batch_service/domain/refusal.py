"""What this service itself answers in an item's place: a problem document as the body of the item's result."""

from dataclasses import dataclass

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    405: "Method Not Allowed",
    409: "Conflict",
    424: "Failed Dependency",
    499: "Client Closed Request",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
# A sentence or a pointer may quote a key of the item, which may be as long as a batch.
_MAX_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an item was not sent, or came back without an answer of the target."""

    status: int
    code: str
    error: str
    pointer: str | None = None
    """Where in the item the fault lies, as a JSON Pointer."""

    def document(self) -> dict[str, object]:
        """The members of the problem document (RFC 9457)."""
        error = self.error[:_MAX_CHARACTERS]
        return {
            "type": "about:blank",
            "title": _TITLES[self.status],
            "status": self.status,
            "detail": error,
            "error": error,
            "code": self.code,
            "errors": [] if self.pointer is None else [{"pointer": self.pointer[:_MAX_CHARACTERS], "detail": error}],
        }


def pointer_to(field: str, key: str) -> str:
    """Point to a key of an object in the item (RFC 6901 section 3)."""
    return f"/{field}/{key.replace('~', '~0').replace('/', '~1')}"


class RefusedError(Exception):
    """Raised while an item is read; carries what its result will say."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.error)
        self.refusal = refusal


CREDENTIAL_EXPIRED = Refusal(
    401, "credential_expired", "Not sent: the credential that came with the job has expired; try the job again with a new one."
)
PAYLOAD_UNREADABLE = Refusal(
    500, "payload_unreadable", "What is stored of this item cannot be opened: it was damaged, or its key is lost."
)
CANCELLED = Refusal(499, "cancelled", "The job was cancelled before this item was sent.")
TOO_MANY_ERRORS = Refusal(424, "too_many_errors", "Not sent: as many items of the batch failed as its sender would bear.")
EXPIRED = Refusal(504, "expired", "The job expired before this item had an answer.")
OUTCOME_UNKNOWN = Refusal(
    409, "outcome_unknown", "outcome unknown: the target may have applied this item; look there before you send it again."
)
REDIRECT_REFUSED = Refusal(502, "target_redirect_refused", "The target redirected; redirects are not followed.")
RESPONSE_TOO_LARGE = Refusal(502, "target_response_too_large", "The target's answer is larger than this service keeps.")
ADDRESS_REFUSED = Refusal(502, "target_address_refused", "The target resolves to an address that the registry does not allow.")
TARGET_NAME_UNKNOWN = Refusal(502, "target_broken", "The name of the target's host is not known.")
TARGET_UNREACHABLE = Refusal(502, "target_broken", "The target takes no connections at its address.")
TARGET_TLS_FAILED = Refusal(502, "target_broken", "No trusted TLS connection to the target could be made.")
TARGET_BROKEN = Refusal(502, "target_broken", "The target broke the connection before it had answered.")
CIRCUIT_OPEN = Refusal(
    503, "circuit_open", "Not sent: the target is failing and is left alone for a while; send a job to have its items wait."
)
ATTEMPTS_EXHAUSTED = Refusal(502, "attempts_exhausted", "Each worker that sent this item died; it is not sent again.")
ITEM_TIMED_OUT = Refusal(504, "item_timed_out", "All attempts together took longer than an item of this entity may take.")
TARGET_TIMED_OUT = Refusal(504, "target_timed_out", "The target did not answer in time.")

# What is said of any item alike, and tells nothing about one.
OWN_SENTENCES = frozenset(
    refusal.error
    for refusal in (
        CREDENTIAL_EXPIRED, PAYLOAD_UNREADABLE, CANCELLED, TOO_MANY_ERRORS, EXPIRED, OUTCOME_UNKNOWN, REDIRECT_REFUSED,
        RESPONSE_TOO_LARGE, ADDRESS_REFUSED, TARGET_NAME_UNKNOWN, TARGET_UNREACHABLE, TARGET_TLS_FAILED, TARGET_BROKEN,
        CIRCUIT_OPEN, ATTEMPTS_EXHAUSTED, ITEM_TIMED_OUT, TARGET_TIMED_OUT,
    )
)  # fmt: skip
