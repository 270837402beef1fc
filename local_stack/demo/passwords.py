"""A few passwords for many users, in clear or hashed as another system would have exported them."""

import base64
import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

_COUNT = 8  # a hash takes a good part of a second, so a few passwords are shared by all
_ALGORITHM = "pbkdf2-sha256"
_ROUNDS = 600_000
_WORDS = ("amber", "birch", "cobalt", "dune", "ember", "fjord", "garnet", "heron", "indigo", "juniper", "kelp", "lichen")


@dataclass(frozen=True, slots=True)
class Password:
    """A password in clear, and the cells that carry it in a file."""

    clear: str
    cells: Mapping[str, str]


def make_passwords(random: Random, *, plain: bool) -> list[Password]:
    """Make the passwords, to be carried in clear or as hashes."""
    clear = [f"{random.choice(_WORDS)} {random.choice(_WORDS)} {random.randrange(10_000)}" for _ in range(_COUNT)]
    if plain:
        return [Password(text, {"password": text}) for text in clear]
    salts = [random.randbytes(16) for _ in clear]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashlib lets other threads run meanwhile
        hashes = list(pool.map(_hash, clear, salts))
    return [
        Password(text, {"passwordHash.algorithm": _ALGORITHM, "passwordHash.value": value})
        for text, value in zip(clear, hashes, strict=True)
    ]


def _hash(password: str, salt: bytes) -> str:
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS)
    return f"${_ALGORITHM}${_ROUNDS}${_adapted_base64(salt)}${_adapted_base64(digest)}"


def _adapted_base64(data: bytes) -> str:
    # As passlib writes it, and as many systems export it: "." for "+", no padding.
    return base64.b64encode(data, altchars=b"./").decode().rstrip("=")
