"""The rows in which the data keys of jobs stand, and the master keys under which they are sealed."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from batch_service.adapters.job_keys import DAMAGED, IN_CLEAR, Bond, JobKeys, KeyMaterial
from batch_service.adapters.master_key import MasterKey
from batch_service.adapters.sealing import UnreadableError
from batch_service.adapters.tables import job_keys, jobs, master_keys
from batch_service.adapters.vault import SealedKeys, Vault
from batch_service.domain.credential import Credential
from batch_service.domain.errors import KeyRingError
from batch_service.domain.ports import NewJob, Retry
from servicekit.database import Database, now_ms
from servicekit.many import Many

KEYS = sa.select(job_keys, jobs.c.tenant).join(jobs, jobs.c.id == job_keys.c.job_id)
_KEYS_OF = KEYS.where(job_keys.c.job_id == sa.bindparam("b_job_id"))
_INSERT = Many(job_keys.insert().values({column.name: sa.bindparam(column.name) for column in job_keys.columns}))
_CANARY = sa.select(master_keys.c.canary).where(master_keys.c.id == sa.bindparam("b_id"))
_END = (
    job_keys.update().where(job_keys.c.job_id == sa.bindparam("b_job_id")).values(credential=None, credential_expires_at=None)
)
_END_ALL = _END.values(request_key=None)


class KeyRows:
    """Each method works in a transaction of its caller."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database = database
        self.vault = vault

    def _keys(self, connection: sa.Connection, job_id: str) -> JobKeys:
        """Open the keys of a job; raise KeyRingError if this process is not the one to say what they are."""
        return self.vault.find_open(job_id) or self._open(connection, self._find_keys(connection, job_id))

    def _find_keys(self, connection: sa.Connection, job_id: str) -> sa.RowMapping | None:
        return connection.execute(_KEYS_OF, {"b_job_id": job_id}).mappings().first()

    def _open(self, connection: sa.Connection, row: sa.RowMapping | None) -> JobKeys:
        if row is None:
            return IN_CLEAR
        return self.vault.keys(self._master_key(connection, row["master_key"]), bond_of(row), sealed_of(row))

    def _credential(self, row: sa.RowMapping | None, keys: JobKeys) -> tuple[Credential | None, JobKeys]:
        """Open the sender's credential; where it is damaged, so is all that was to be sent with it."""
        if row is None or row["credential"] is None or keys.is_damaged:
            return None, keys
        try:
            value = keys.open_own("credential", row["credential"]).decode()
        except UnreadableError:
            return None, DAMAGED
        return Credential(value, row["credential_expires_at"]), keys

    def _make_keys(self, connection: sa.Connection, job: NewJob) -> JobKeys:
        """Make the keys of a job that is stored in this transaction."""
        material = KeyMaterial(KeyMaterial.new_request(), KeyMaterial.new_result())
        return self._store(connection, Bond(job.owner.tenant, job.id, job.id), material, job.credential)

    def _inherit_keys(self, connection: sa.Connection, retry: Retry) -> JobKeys:
        """Make the keys of a job that retries another: the requests are copied as they are, and so is their key."""
        row = self._find_keys(connection, retry.of)
        if row is None:
            material, root_id = KeyMaterial(None, KeyMaterial.new_result()), retry.id
        else:
            material, root_id = KeyMaterial(self._request_key(connection, row), KeyMaterial.new_result()), row["root_id"]
        return self._store(connection, Bond(retry.owner.tenant, retry.id, root_id), material, retry.credential)

    def _request_key(self, connection: sa.Connection, row: sa.RowMapping) -> bytes | None:
        try:
            return self.vault.material(self._master_key(connection, row["master_key"]), bond_of(row), sealed_of(row)).request
        except UnreadableError:  # then no item of the new job can be read, and each of them says so
            return None

    def _store(self, connection: sa.Connection, bond: Bond, material: KeyMaterial, credential: Credential | None) -> JobKeys:
        master = self._newest_master_key(connection)
        sealed = self.vault.seal(master, bond, material)
        keys = self.vault.keep_open(bond, material)
        row: dict[str, Any] = {
            "job_id": bond.job_id,
            "master_key": sealed.master_key,
            "root_id": bond.root_id,
            "request_key": sealed.request_key,
            "result_key": sealed.result_key,
            "credential": None if credential is None else keys.seal_own("credential", credential.value.encode()),
            "credential_expires_at": None if credential is None else credential.expires_at_ms,
        }
        try:
            _INSERT(connection, [row])
        except IntegrityError:
            raise KeyRingError(f"The key {master.id} was retired; this process has an old key ring.") from None
        return keys

    def _end_secrets(self, connection: sa.Connection, job_id: str, *, all_succeeded: bool) -> None:
        """Destroy what a job that ends has no use for any more: the credential, and the key of requests if none is left."""
        connection.execute(_END_ALL if all_succeeded else _END, {"b_job_id": job_id})

    def _newest_master_key(self, connection: sa.Connection) -> MasterKey:
        key = self.vault.newest()
        if not self.vault.is_proven(key) and not self._prove(connection, key):
            insert = sqlite.insert if self.database.is_sqlite else postgresql.insert
            new = insert(master_keys).values(id=key.id, canary=self.vault.canary(key), created_at=now_ms())
            connection.execute(new.on_conflict_do_nothing())  # proven next time: this transaction may yet be undone
        return key

    def _master_key(self, connection: sa.Connection, key_id: str) -> MasterKey:
        key = self.vault.get(key_id)
        if not self.vault.is_proven(key):
            self._prove(connection, key)
        return key

    def _prove(self, connection: sa.Connection, key: MasterKey) -> bool:
        """Say whether the store knows a key of this name; raise KeyRingError if that is another one."""
        canary = connection.execute(_CANARY, {"b_id": key.id}).scalar()
        if canary is not None:
            self.vault.prove(key, canary)
        return canary is not None


def bond_of(row: sa.RowMapping) -> Bond:
    """Read whose the keys of a row of `KEYS` are."""
    return Bond(row["tenant"], row["job_id"], row["root_id"])


def sealed_of(row: sa.RowMapping) -> SealedKeys:
    """Read the sealed keys of a row of `KEYS`."""
    return SealedKeys(row["master_key"], row["request_key"], row["result_key"])
