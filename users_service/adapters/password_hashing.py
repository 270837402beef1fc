"""Password hashes: made with argon2id, verified by whichever of the four algorithms made them."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import argon2
import bcrypt

from users_service.adapters.turns import Turns
from users_service.domain.imported_hash import parse_pbkdf2, parse_scrypt
from users_service.domain.password import Algorithm, Password, PasswordHash

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")

_BCRYPT_MAX_BYTES = 72
_SCRYPT_MAX_MEMORY = 2**28  # N = 2^17 with r = 8 needs 2^27 and a little


class SlowPasswordHasher:
    """The port `PasswordHasher`; at most `concurrency` hashes at once, since each takes a core and megabytes.

    All four algorithms release the GIL while they work.
    """

    def __init__(self, *, memory_kib: int, time_cost: int, parallelism: int, concurrency: int) -> None:
        self._argon2 = argon2.PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism)
        self._concurrency = concurrency
        self._turns = Turns(concurrency)

    def hash(self, password: Password) -> PasswordHash:
        """Hash with argon2id at the current cost."""
        with self._turns.taken():
            return PasswordHash(Algorithm.ARGON2ID, self._argon2.hash(password.text))

    def verify(self, password: Password, stored: PasswordHash) -> bool:
        """Say whether the hash is one of this password."""
        secret = password.text.encode()
        with self._turns.taken():
            match stored.algorithm:
                case Algorithm.ARGON2ID:
                    return self._verify_argon2id(secret, stored.value)
                case Algorithm.BCRYPT:
                    return _verify_bcrypt(secret, stored.value)
                case Algorithm.SCRYPT:
                    return _verify_scrypt(secret, stored.value)
                case Algorithm.PBKDF2_SHA256:
                    return _verify_pbkdf2(secret, stored.value)

    def hash_many(self, passwords: Sequence[Password]) -> list[PasswordHash]:
        """Hash each in one of `concurrency` threads, which stand in line with everyone else's."""
        return self._each(self.hash, passwords)

    def verify_many(self, pairs: Sequence[tuple[Password, PasswordHash]]) -> list[bool]:
        """Verify each pair as `hash_many` hashes."""
        return self._each(lambda pair: self.verify(*pair), pairs)

    def _each(self, work: Callable[[_Given], _Made], on: Sequence[_Given]) -> list[_Made]:
        if len(on) < 2:
            return [work(each) for each in on]
        with ThreadPoolExecutor(min(self._concurrency, len(on))) as pool:
            return list(pool.map(work, on))

    def is_current(self, stored: PasswordHash) -> bool:
        """Say whether `hash` would make a hash of this algorithm and cost today."""
        return stored.algorithm is Algorithm.ARGON2ID and not self._argon2.check_needs_rehash(stored.value)

    def _verify_argon2id(self, secret: bytes, value: str) -> bool:
        try:
            return self._argon2.verify(value, secret)
        except argon2.exceptions.VerifyMismatchError:
            return False


def _verify_bcrypt(secret: bytes, value: str) -> bool:
    # bcrypt never saw what came after 72 bytes, and to it "a" and "a\0a" are one password.
    if len(secret) > _BCRYPT_MAX_BYTES or b"\0" in secret:
        return False
    return bcrypt.checkpw(secret, value.encode())


def _verify_scrypt(secret: bytes, value: str) -> bool:
    stored = parse_scrypt(value)
    digest = hashlib.scrypt(
        secret,
        salt=stored.salt,
        n=1 << stored.log2_n,
        r=8,
        p=stored.p,
        maxmem=_SCRYPT_MAX_MEMORY,
        dklen=len(stored.digest),
    )
    return hmac.compare_digest(digest, stored.digest)


def _verify_pbkdf2(secret: bytes, value: str) -> bool:
    stored = parse_pbkdf2(value)
    digest = hashlib.pbkdf2_hmac("sha256", secret, stored.salt, stored.rounds)
    return hmac.compare_digest(digest, stored.digest)
