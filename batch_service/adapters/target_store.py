"""What the workers share about targets, in SQLite or PostgreSQL; by the database's clock alone."""

from collections.abc import Sequence
from math import ceil

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from batch_service.adapters.tables import shares, targets
from batch_service.domain.circuit import Hold, Reason
from batch_service.domain.gate import TargetReport, TargetView
from servicekit.database import Database, now_ms

_HELD_FOR_MS = (targets.c.held_until - now_ms()).label("held_for_ms")


class SqlTargetStore:
    """Workers that ask about one target at once take turns at its row."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    def sync(self, owner: str, reports: Sequence[TargetReport], *, lease_s: float) -> list[TargetView]:
        """Take in what a worker reports, and say what all know; in the order of their names, so that no two wait in a ring."""
        with self._database.writing() as connection:
            ordered = sorted(reports, key=lambda report: report.entity)
            return [self._sync(connection, owner, report, lease_s) for report in ordered]

    def find_hold(self, entity: str) -> Hold | None:
        """Return what is known of a target that was found to be failing."""
        with self._database.reading() as connection:
            return self._find_hold(connection, entity)

    def _sync(self, connection: sa.Connection, owner: str, report: TargetReport, lease_s: float) -> TargetView:
        new = self._insert(targets).values(entity=report.entity, trips=0).on_conflict_do_nothing()
        connection.execute(new)
        this = targets.c.entity == report.entity
        connection.execute(sa.select(targets.c.entity).where(this).with_for_update()).one()
        self._write_hold(connection, report)
        share = self._share(connection, owner, report, lease_s)
        # A worker without a connection could not try, and would hold the target for those that can.
        may_try = bool(share) and report.trial_s is not None and self._begin_trial(connection, report.entity, report.trial_s)
        return TargetView(report.entity, share, self._find_hold(connection, report.entity), may_try=may_try)

    def _write_hold(self, connection: sa.Connection, report: TargetReport) -> None:
        update = targets.update().where(targets.c.entity == report.entity)
        if report.is_closed:
            connection.execute(update.values(trips=0, held_until=None, reason=None))
        elif report.hold is not None:
            held_until = now_ms() + int(report.hold.for_s * 1000)
            connection.execute(update.values(trips=report.hold.trips, held_until=held_until, reason=report.hold.reason))

    def _begin_trial(self, connection: sa.Connection, entity: str, trial_s: float) -> bool:
        """Let one worker try, and hold the target for all others until that one must know more."""
        due = (targets.c.entity == entity, targets.c.trips > 0, targets.c.held_until <= now_ms())
        held = targets.update().where(*due).values(held_until=now_ms() + int(trial_s * 1000))
        return connection.execute(held).rowcount == 1

    def _share(self, connection: sa.Connection, owner: str, report: TargetReport, lease_s: float) -> int | None:
        of_target = shares.c.entity == report.entity
        gone = sa.or_(shares.c.lease_until < now_ms(), shares.c.owner == owner) if report.is_leaving else None
        connection.execute(shares.delete().where(of_target, shares.c.lease_until < now_ms() if gone is None else gone))
        if report.is_leaving:
            return None
        others = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(shares.c.connections), 0))
        count, taken = connection.execute(others.where(of_target, shares.c.owner != owner)).one()
        share: int = max(0, min(ceil(report.concurrency / (count + 1)), report.concurrency - taken))
        # What is in flight is not to be had by another before it has ended.
        values = {"connections": max(share, report.in_flight), "lease_until": now_ms() + int(lease_s * 1000)}
        row = self._insert(shares).values(entity=report.entity, owner=owner, **values)
        connection.execute(row.on_conflict_do_update(index_elements=[shares.c.entity, shares.c.owner], set_=values))
        return share

    def _find_hold(self, connection: sa.Connection, entity: str) -> Hold | None:
        query = sa.select(targets.c.trips, targets.c.reason, _HELD_FOR_MS).where(targets.c.entity == entity)
        row = connection.execute(query).first()
        if row is None or row.trips == 0:
            return None
        return Hold(row.held_for_ms / 1000, Reason(row.reason), row.trips)
