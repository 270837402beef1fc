"""Data keys, sealed under the newest master key of the ring, and open for those jobs that this process is at work on."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from batch_service.adapters.job_keys import DAMAGED, Bond, JobKeys, KeyMaterial
from batch_service.adapters.key_ring import Ring
from batch_service.adapters.master_key import MasterKey
from batch_service.adapters.sealing import UnreadableError, place, seal, unseal
from batch_service.domain.errors import KeyRingError

_JOBS_KEPT_OPEN = 256
_CANARY = b"the key ring is the right one"


@dataclass(frozen=True, slots=True)
class SealedKeys:
    """The data keys of one job, as they are stored."""

    master_key: str
    request_key: bytes | None
    result_key: bytes


class Vault:
    """One a process; for any number of threads."""

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self._ciphers: dict[MasterKey, AESGCM] = {}
        self._proven: set[MasterKey] = set()
        self._open: OrderedDict[str, JobKeys] = OrderedDict()
        self._lock = threading.Lock()

    def newest(self) -> MasterKey:
        """Return the key that seals; raise KeyRingError if the ring cannot be used."""
        return self.ring.keys()[-1]

    def find(self, key_id: str) -> MasterKey | None:
        """Return a key of the ring, which is looked at again for one that is new; raise KeyRingError if it cannot be used."""
        for fresh in (False, True):
            for key in self.ring.keys(fresh=fresh):
                if key.id == key_id:
                    return key
        return None

    def get(self, key_id: str) -> MasterKey:
        """Return a key of the ring; raise KeyRingError."""
        key = self.find(key_id)
        if key is None:
            raise KeyRingError(f"The key ring lacks the key {key_id}, under which something in this database is sealed.")
        return key

    def is_proven(self, key: MasterKey) -> bool:
        """Say whether this key was found to open the canary of its name."""
        return key in self._proven

    def canary(self, key: MasterKey) -> bytes:
        """Seal what tells this key from another of its name."""
        return seal(self._cipher(key), _CANARY, place("canary", key.id))

    def prove(self, key: MasterKey, canary: bytes) -> None:
        """Raise KeyRingError unless the key opens the canary."""
        try:
            unseal(self._cipher(key), canary, place("canary", key.id))
        except UnreadableError:
            raise KeyRingError(
                f"The key {key.id} of the key ring is not the one of that name under which this database is sealed."
            ) from None
        self._proven.add(key)

    def seal(self, key: MasterKey, bond: Bond, material: KeyMaterial) -> SealedKeys:
        """Seal a job's data keys."""
        cipher = self._cipher(key)
        request = None if material.request is None else seal(cipher, material.request, bond.of_request_key)
        return SealedKeys(key.id, request, seal(cipher, material.result, bond.of_result_key))

    def material(self, key: MasterKey, bond: Bond, sealed: SealedKeys) -> KeyMaterial:
        """Open a job's data keys; raise UnreadableError."""
        cipher = self._cipher(key)
        request = None if sealed.request_key is None else unseal(cipher, sealed.request_key, bond.of_request_key)
        return KeyMaterial(request, unseal(cipher, sealed.result_key, bond.of_result_key))

    def keys(self, key: MasterKey, bond: Bond, sealed: SealedKeys) -> JobKeys:
        """Open a job's data keys and keep them open for a while; those that are damaged open nothing."""
        found = self.find_open(bond.job_id)
        if found is not None:
            return found
        try:
            return self.keep_open(bond, self.material(key, bond, sealed))
        except UnreadableError:
            return DAMAGED

    def find_open(self, job_id: str) -> JobKeys | None:
        """Return the data keys of a job that are open."""
        with self._lock:
            keys = self._open.get(job_id)
            if keys is not None:
                self._open.move_to_end(job_id)
            return keys

    def keep_open(self, bond: Bond, material: KeyMaterial) -> JobKeys:
        """Keep a job's data keys open; of the jobs nobody asked for in a long time they are closed."""
        keys = JobKeys(bond, material)
        with self._lock:
            self._open[bond.job_id] = keys
            if len(self._open) > _JOBS_KEPT_OPEN:
                self._open.popitem(last=False)
        return keys

    def close(self, job_id: str) -> None:
        """Forget a job's data keys."""
        with self._lock:
            self._open.pop(job_id, None)

    def _cipher(self, key: MasterKey) -> AESGCM:
        cipher = self._ciphers.get(key)
        if cipher is None:
            cipher = self._ciphers[key] = key.cipher()
        return cipher
