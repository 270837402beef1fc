"""Calls that are applied once however often they are sent (draft-ietf-httpapi-idempotency-key-header-07)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from servicekit import idempotency_key
from users_service.domain.errors import InvalidKeyError
from users_service.domain.password import Password, PasswordHash

MAX_CALLER_CHARACTERS = 128
MAX_OPERATION_CHARACTERS = 64
MAX_KEY_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's own name for one call; the same text of another caller is another key."""

    caller: str
    text: str

    @classmethod
    def parse(cls, text: str, *, caller: str) -> "IdempotencyKey":
        """Read a key, bare or quoted (RFC 9651 section 3.3.3); raise InvalidKeyError."""
        try:
            return cls(caller, idempotency_key.parse(text))
        except idempotency_key.MalformedIdempotencyKeyError:
            raise InvalidKeyError from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered, through whichever door it came; `is_replayed` if an earlier call got it first."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_replayed: bool = False


@dataclass(frozen=True, slots=True)
class KeyedCall:
    """A call with a key: what it does, and what it says.

    The fingerprint leaves a password in clear out: a fast hash of it, however salted, would let whoever has the database try
    guesses many thousand times faster than the slow hash does. The password is compared with the slow hash that was made of it.
    """

    key: IdempotencyKey
    operation: str
    fingerprint: bytes = field(repr=False)
    password: Password | None = None

    @classmethod
    def of(
        cls, key: IdempotencyKey, operation: str, content: Mapping[str, Any], *, password: Password | None = None
    ) -> "KeyedCall":
        """Name a call; content that differs in the order of its members alone is the same."""
        said = json.dumps([content, password is not None], sort_keys=True, separators=(",", ":"))
        return cls(key, operation, hashlib.sha256(said.encode()).digest(), password)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The first answer to a keyed call, and what tells whether another call is the same; the hash is that of its password."""

    answer: Answer
    fingerprint: bytes = field(repr=False)
    password_hash: PasswordHash | None = None

    def is_for(self, call: KeyedCall) -> bool:
        """Say whether a call says the same, its password aside."""
        return self.fingerprint == call.fingerprint and (call.password is None or self.password_hash is not None)


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call and its first answer, to be kept; a hash only if the call brought a password in clear, of which it was made."""

    call: KeyedCall
    answer: Answer
    password_hash: PasswordHash | None = None
