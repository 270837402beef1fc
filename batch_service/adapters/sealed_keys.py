"""Master keys from the side of the database: whether the ring is the right one, and the sealing of data keys under another."""

from dataclasses import asdict, replace

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from batch_service.adapters.key_rows import KEYS, KeyRows, bond_of, sealed_of
from batch_service.adapters.master_key import MasterKey
from batch_service.adapters.sealing import UnreadableError
from batch_service.adapters.tables import job_keys, master_keys
from batch_service.domain.key_ring import KeyUse


class SqlSealedKeys(KeyRows):
    """Each method is one transaction."""

    def check(self) -> None:
        """Raise KeyRingError unless the ring opens everything that is sealed; a database without tables holds nothing."""
        self.vault.newest()  # there has to be one, whatever the database holds
        with self.database.reading() as connection:
            known = self._known(connection)
        for key_id, canary in known.items():
            self.vault.prove(self.vault.get(key_id), canary)

    def holds_anything(self) -> bool:
        """Say whether anything is sealed under any key."""
        with self.database.reading() as connection:
            return bool(self._known(connection))

    def seal_under_newest(self) -> None:
        """Let the newest key of the ring be known to the store, so that another of its name is noticed."""
        with self.database.writing() as connection:
            self._newest_master_key(connection)

    def rewrap(self, *, limit: int) -> int:
        """Seal the data keys of some jobs anew; those that are damaged stay as damaged as they are."""
        with self.database.writing() as connection:
            newest = self._newest_master_key(connection)
            old = KEYS.where(job_keys.c.master_key != newest.id).order_by(job_keys.c.job_id).limit(limit)
            rows = connection.execute(old.with_for_update(of=job_keys)).mappings().all()
            for row in rows:
                self._rewrap(connection, row, newest)
        return len(rows)

    def _rewrap(self, connection: sa.Connection, row: sa.RowMapping, newest: MasterKey) -> None:
        bond, sealed = bond_of(row), sealed_of(row)
        old = self._master_key(connection, sealed.master_key)
        try:
            anew = self.vault.seal(newest, bond, self.vault.material(old, bond, sealed))
        except UnreadableError:
            anew = replace(sealed, master_key=newest.id)
        connection.execute(job_keys.update().where(job_keys.c.job_id == bond.job_id).values(asdict(anew)))

    def retire(self, key_id: str) -> bool:
        """Forget a key; the foreign key of `job_keys` sees to it that nothing is sealed under it, now or ever."""
        try:
            with self.database.writing() as connection:
                connection.execute(master_keys.delete().where(master_keys.c.id == key_id))
        except IntegrityError:
            return False
        return True

    def uses(self) -> list[KeyUse]:
        """Return every key of the ring or of the store, the oldest first."""
        in_ring = [key.id for key in self.vault.ring.keys(fresh=True)]
        with self.database.reading() as connection:
            known = self._known(connection)
            count = sa.select(job_keys.c.master_key, sa.func.count().label("jobs")).group_by(job_keys.c.master_key)
            jobs = {row.master_key: row.jobs for row in connection.execute(count)} if known else {}
        lost = [key_id for key_id in known if key_id not in in_ring]
        return [KeyUse(each, each in in_ring, each == in_ring[-1], jobs.get(each, 0)) for each in [*lost, *in_ring]]

    def _known(self, connection: sa.Connection) -> dict[str, bytes]:
        if not sa.inspect(connection).has_table(master_keys.name):
            return {}
        every = sa.select(master_keys.c.id, master_keys.c.canary).order_by(master_keys.c.created_at, master_keys.c.id)
        return {row.id: row.canary for row in connection.execute(every)}
