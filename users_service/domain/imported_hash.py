"""Hashes made elsewhere: which forms and costs are accepted.

| algorithm | form | accepted cost |
| --- | --- | --- |
| argon2id | `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>` (PHC) | 4 MiB to 64 MiB, 1 to 5 passes, 1 to 4 lanes |
| bcrypt | `$2a$`, `$2b$` or `$2y$`, cost, `$`, 22 and 31 characters (crypt) | cost 10 to 14 |
| scrypt | `$scrypt$ln=<log2 N>,r=8,p=<n>$<salt>$<hash>` (PHC, passlib) | N from 2^14, p to 5, N times p to 2^17 |
| pbkdf2-sha256 | `$pbkdf2-sha256$<rounds>$<salt>$<hash>` (passlib) or `i=<rounds>[,l=32]` (PHC) | 10,000 to 2,000,000 rounds |

The caps bound what one log-in can cost the service. The floors are the weakest defaults that widely used software still had in
the last ten years (Spring Security's argon2id took 4 MiB, ASP.NET Identity's pbkdf2 10,000 rounds, Node's scrypt N = 2^14, and
cost 10 is nearly everyone's bcrypt): what is below them is cracked too cheaply to be carried on. Salts have 8 to 64 bytes.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field

from users_service.domain.errors import InvalidValueError
from users_service.domain.password import Algorithm, PasswordHash

MAX_HASH_CHARACTERS = 512

_N = "([1-9][0-9]{0,9})"
_B64 = "([A-Za-z0-9+/.]+)"  # passlib writes "." where PHC has "+"
_ARGON2ID = re.compile(rf"\$argon2id\$v=19\$m={_N},t={_N},p={_N}\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")
# The last characters of salt and hash carry 2 and 4 bits: others than these were never made by a bcrypt.
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]")
_SCRYPT = re.compile(rf"\$scrypt\$ln={_N},r=8,p={_N}\${_B64}\${_B64}")
_PBKDF2 = re.compile(rf"\$pbkdf2-sha256\$(?:{_N}|i={_N}(?:,l=32)?)\${_B64}\${_B64}")


@dataclass(frozen=True, slots=True)
class ScryptHash:
    """What a scrypt string says; r is always 8."""

    log2_n: int
    p: int
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pbkdf2Hash:
    """What a pbkdf2-sha256 string says."""

    rounds: int
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)


def check_imported_hash(imported: PasswordHash) -> None:
    """Raise InvalidValueError unless the hash has the form of its algorithm and a cost between floor and cap."""
    match imported.algorithm:
        case Algorithm.ARGON2ID:
            _check_argon2id(imported.value)
        case Algorithm.BCRYPT:
            cost = int(_match(_BCRYPT, imported.value, "a bcrypt")[1])
            _require(10 <= cost <= 14, "bcrypt costs 10 to 14 are accepted.")
        case Algorithm.SCRYPT:
            parsed = parse_scrypt(imported.value)
            affordable = parsed.log2_n >= 14 and parsed.p <= 5 and (parsed.p << min(parsed.log2_n, 20)) <= 2**17
            _require(affordable, "scrypt is accepted with ln from 14, p to 5, and N times p to 2^17.")
        case Algorithm.PBKDF2_SHA256:
            rounds = parse_pbkdf2(imported.value).rounds
            _require(10_000 <= rounds <= 2_000_000, "pbkdf2-sha256 is accepted with 10,000 to 2,000,000 rounds.")


def parse_scrypt(value: str) -> ScryptHash:
    """Read a scrypt string; raise InvalidValueError if it is none."""
    match = _match(_SCRYPT, value, "a scrypt")
    salt, digest = _salt(match[3]), _bytes(match[4])
    _require(16 <= len(digest) <= 64, "The hash must have 16 to 64 bytes.")
    return ScryptHash(log2_n=int(match[1]), p=int(match[2]), salt=salt, digest=digest)


def parse_pbkdf2(value: str) -> Pbkdf2Hash:
    """Read a pbkdf2-sha256 string; raise InvalidValueError if it is none."""
    match = _match(_PBKDF2, value, "a pbkdf2-sha256")
    salt, digest = _salt(match[3]), _bytes(match[4])
    _require(len(digest) == 32, "The hash must have 32 bytes.")
    return Pbkdf2Hash(rounds=int(match[1] or match[2]), salt=salt, digest=digest)


def _check_argon2id(value: str) -> None:
    match = _match(_ARGON2ID, value, "an argon2id")
    memory_kib, passes, lanes = int(match[1]), int(match[2]), int(match[3])
    _require(4096 <= memory_kib <= 65_536, "argon2id is accepted with 4,096 to 65,536 KiB of memory.")
    _require(passes <= 5, "argon2id is accepted with at most 5 passes.")
    _require(lanes <= 4, "argon2id is accepted with at most 4 lanes.")
    _salt(match[4])
    _require(16 <= len(_bytes(match[5])) <= 64, "The hash must have 16 to 64 bytes.")


def _match(form: re.Pattern[str], value: str, name: str) -> re.Match[str]:
    match = form.fullmatch(value) if len(value) <= MAX_HASH_CHARACTERS else None
    if match is None:
        raise InvalidValueError(f"Not the form of {name} hash.", field="passwordHash")
    return match


def _salt(text: str) -> bytes:
    salt = _bytes(text)
    _require(8 <= len(salt) <= 64, "The salt must have 8 to 64 bytes.")
    return salt


def _bytes(text: str) -> bytes:
    standard = text.replace(".", "+")
    try:
        decoded = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error:
        decoded = b""
    # Left-over bits that are not zero are refused by argon2's own decoder, at log-in, which is too late.
    canonical = base64.b64encode(decoded).decode().rstrip("=")
    _require(canonical == standard, "Salt and hash must be base64 without padding.")
    return decoded


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise InvalidValueError(message, field="passwordHash")
