"""The data keys of one job, open: what they seal, and what each blob is bound to."""

import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

from batch_service.adapters.sealing import Column, Sentences, place, seal, unseal

_GCM_BYTES = 32
_SIV_BYTES = 64


@dataclass(frozen=True, slots=True)
class Bond:
    """Whose a job's payloads are; a blob or a key opens as that of this tenant and this job alone."""

    tenant: str
    job_id: str
    root_id: str
    """The first of the jobs that retry one another: all of them share its requests."""

    @property
    def of_request_key(self) -> bytes:
        """The place of the key of requests."""
        return place("data key", self.tenant, self.root_id, "request")

    @property
    def of_result_key(self) -> bytes:
        """The place of the key of results."""
        return place("data key", self.tenant, self.job_id, "result")


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """The random bits of a job's data keys: of what goes to the target, and of what comes back."""

    request: bytes | None = field(repr=False)
    """None once the key was destroyed, or where the job retries one of the version before."""
    result: bytes = field(repr=False)

    @staticmethod
    def new_request() -> bytes:
        """Make the key of requests."""
        return os.urandom(_GCM_BYTES)

    @staticmethod
    def new_result() -> bytes:
        """Make the key of results: two of them, one that seals bodies and one that seals sentences."""
        return os.urandom(_GCM_BYTES + _SIV_BYTES)


class JobKeys:
    """Seals and opens a job's payloads; a column that is None cannot be: it is in clear, or its key is gone or damaged."""

    __slots__ = ("_bond", "_own", "is_damaged", "requests", "results", "sentences")

    def __init__(self, bond: Bond | None, material: KeyMaterial | None, *, is_damaged: bool = False) -> None:
        self._bond = bond
        self.is_damaged = is_damaged
        self.requests: Column | None = None
        self.results: Column | None = None
        self.sentences: Sentences | None = None
        if bond is None or material is None:
            return
        self._own = AESGCM(material.result[:_GCM_BYTES])
        self.results = Column(self._own, place(bond.tenant, bond.job_id, "response"))
        self.sentences = Sentences(AESSIV(material.result[_GCM_BYTES:]), place(bond.tenant, bond.job_id, "error"))
        if material.request is not None:
            self.requests = Column(AESGCM(material.request), place(bond.tenant, bond.root_id, "request"))

    def seal_own(self, column: str, text: bytes) -> bytes:
        """Seal what a job has one of."""
        assert self._bond is not None
        return seal(self._own, text, place(self._bond.tenant, self._bond.job_id, column))

    def open_own(self, column: str, blob: bytes) -> bytes:
        """Open what a job has one of; raise UnreadableError."""
        assert self._bond is not None
        return unseal(self._own, blob, place(self._bond.tenant, self._bond.job_id, column))


IN_CLEAR = JobKeys(None, None)
"""Of a job that the version before accepted."""
DAMAGED = JobKeys(None, None, is_damaged=True)
"""Of a job whose data keys do not open, though their master key is the right one."""
