"""Passwords and their hashes; neither shows itself in a log or a traceback."""

from dataclasses import dataclass, field
from enum import StrEnum

MAX_PASSWORD_CHARACTERS = 1024


class Algorithm(StrEnum):
    """How a stored hash was made; passwords that arrive in clear are always hashed with argon2id."""

    ARGON2ID = "argon2id"
    BCRYPT = "bcrypt"
    SCRYPT = "scrypt"
    PBKDF2_SHA256 = "pbkdf2-sha256"


@dataclass(frozen=True, slots=True)
class Password:
    """A password in clear, as short a time as can be."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """A hash as it is stored: a PHC or a crypt string."""

    algorithm: Algorithm
    value: str = field(repr=False)
