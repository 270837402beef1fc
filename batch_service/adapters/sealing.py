"""Authenticated encryption of what stands in the job store (docs/adr/0009-sealed-payloads.md).

A blob is a byte that names its form, a nonce of 96 random bits, and what AES-256-GCM made of the text. What it is (whose, of
which job, in which column, at which position) is authenticated with it, so that no blob can be put in another's place.
"""

import os
from collections.abc import Iterable, Sequence

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

_FORM = b"\x01"
_NONCE_BYTES = 12
_HEAD_BYTES = len(_FORM) + _NONCE_BYTES


class UnreadableError(Exception):
    """A blob was damaged, put in another's place, or sealed under another key."""


def place(*names: str) -> bytes:
    """Name a place; no two lists of names make the same bytes."""
    return orjson.dumps(names)


def seal(cipher: AESGCM, text: bytes, place: bytes) -> bytes:
    """Seal one text for one place."""
    nonce = os.urandom(_NONCE_BYTES)
    return _FORM + nonce + cipher.encrypt(nonce, text, place)


def unseal(cipher: AESGCM, blob: bytes, place: bytes) -> bytes:
    """Open a blob of that place; raise UnreadableError."""
    if blob[:1] != _FORM:
        raise UnreadableError
    try:
        return cipher.decrypt(blob[1:_HEAD_BYTES], blob[_HEAD_BYTES:], place)
    except (InvalidTag, ValueError):  # ValueError: too short for a nonce
        raise UnreadableError from None


class Column:
    """The blobs of one column of one job, each bound to its position."""

    __slots__ = ("_cipher", "_place")

    def __init__(self, cipher: AESGCM, place: bytes) -> None:
        self._cipher = cipher
        self._place = place

    def seal_all(self, positions: Iterable[int], texts: Sequence[bytes]) -> list[bytes]:
        """Seal a text for each position."""
        # The randomness of all of them at once: a call of the kernel costs as much as the encryption of a small text.
        nonces = os.urandom(_NONCE_BYTES * len(texts))
        encrypt, place = self._cipher.encrypt, self._place
        sealed = []
        for at, (position, text) in enumerate(zip(positions, texts, strict=True)):
            nonce = nonces[at * _NONCE_BYTES : (at + 1) * _NONCE_BYTES]
            sealed.append(_FORM + nonce + encrypt(nonce, text, place + b"%d" % position))
        return sealed

    def open(self, position: int, blob: bytes) -> bytes:
        """Open the blob of a position; raise UnreadableError."""
        return unseal(self._cipher, blob, self._place + b"%d" % position)


class Sentences:
    """Sentences of one job, sealed so that equal ones are equal (AES-SIV, RFC 5297): a database groups what it cannot read."""

    __slots__ = ("_cipher", "_place")

    def __init__(self, cipher: AESSIV, place: bytes) -> None:
        self._cipher = cipher
        self._place = [place]

    def seal(self, text: str) -> bytes:
        """Seal a sentence."""
        return _FORM + self._cipher.encrypt(text.encode(), self._place)

    def open(self, blob: bytes) -> str:
        """Open a sentence; raise UnreadableError."""
        if blob[:1] != _FORM:
            raise UnreadableError
        try:
            return self._cipher.decrypt(blob[1:], self._place).decode()
        except (InvalidTag, ValueError):
            raise UnreadableError from None
