"""A master key: it seals the data keys of jobs and nothing else."""

import os
import re
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_BYTES = 32
_TEXT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,31}):([A-Za-z0-9_-]{43}=?)")


@dataclass(frozen=True, slots=True)
class MasterKey:
    """256 bits and a name."""

    id: str
    material: bytes = field(repr=False)

    @classmethod
    def new(cls) -> "MasterKey":
        """Make a key; its name says on which day, for whoever looks after it."""
        return cls(f"{time.strftime('%Y%m%d', time.gmtime())}-{secrets.token_hex(4)}", os.urandom(_BYTES))

    @classmethod
    def parse(cls, text: str) -> "MasterKey":
        """Read `<id>:<32 bytes as base64url>`; raise ValueError, whose text holds nothing of the key."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError("a key is written <id>:<32 bytes as base64url>")
        return cls(match[1], urlsafe_b64decode(match[2].rstrip("=") + "="))

    def render(self) -> str:
        """Write the key as `parse` reads it."""
        return f"{self.id}:{urlsafe_b64encode(self.material).decode().rstrip('=')}"

    def cipher(self) -> AESGCM:
        """AES-256-GCM under this key."""
        return AESGCM(self.material)
