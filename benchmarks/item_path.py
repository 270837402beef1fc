"""What each step of an item's way through the batch service costs, in CPU time, without a network.

`python -m benchmarks.item_path [items] [database url]` takes the same batch through each step several times, in one process,
and prints the least that each took, in microseconds an item. The default database is SQLite in a temporary folder.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.key_ring import FixedKeyRing
from batch_service.adapters.master_key import MasterKey
from batch_service.adapters.vault import Vault
from batch_service.api.item_schema import read_draft
from batch_service.bootstrap import MIGRATIONS
from batch_service.domain.batch import read_items
from batch_service.domain.chunk import Claim
from batch_service.domain.entity import METHODS, Entity
from batch_service.domain.item import ItemResult
from batch_service.domain.owner import Owner
from batch_service.domain.ports import NewJob
from servicekit.database import Database
from servicekit.ids import new_id
from servicekit.request_body import parse_json

_ROUNDS = 8
_CHUNK_ITEMS = 500
_LEASE_S = 60.0
_ENTITY = Entity(name="users", url="http://127.0.0.1:9/v1/users", methods=frozenset(METHODS))
_HASH = {"algorithm": "bcrypt", "value": "$2b$10$IHB1ltsFwaXxQWTh9YD4eObgIFPAZ2gbUSHbZ.OpDiUdIyX2F55Zi"}
_ANSWER = b'{"userId":"019aad2e-8b7c-7c1e-a1d4-0d9a3b1f6c55","username":"user 1","email":"user-1@example.org"}'

T = TypeVar("T")


class Steps:
    """The least CPU time that each step took so far, in seconds."""

    def __init__(self) -> None:
        self.least_s: dict[str, float] = {}

    def time(self, name: str, step: Callable[[], T]) -> T:
        """Run a step and keep its time if none was less."""
        began = time.process_time()
        result = step()
        took_s = time.process_time() - began
        self.least_s[name] = min(took_s, self.least_s.get(name, took_s))
        return result


def run_round(store: SqlJobStore, body: bytes, items: int, steps: Steps) -> None:
    """Take one batch from its bytes to its last result."""
    raws = steps.time("parse JSON", lambda: parse_json(body))
    drafts = steps.time("read drafts", lambda: [read_draft(raw) for raw in raws])
    read = steps.time("check items", lambda: read_items(_ENTITY, drafts))
    job = NewJob(new_id(), "users", Owner("bench", "bench"), read, chunk_items=_CHUNK_ITEMS, expires_after_s=3600.0)
    steps.time("store job", lambda: store.add(job, max_pending_items=items))
    claims = steps.time("claim chunks", lambda: list(_claims(store, items)))
    steps.time("record results", lambda: _record(store, claims))


def _claims(store: SqlJobStore, items: int) -> list[Claim]:
    found = [store.claim("bench", lease_s=_LEASE_S) for _ in range(-(-items // _CHUNK_ITEMS))]
    return [claim for claim in found if claim is not None]


def _record(store: SqlJobStore, claims: Sequence[Claim]) -> None:
    for claim in claims:
        results = [ItemResult(item.index, 201, _ANSWER, {"location": "/v1/users/1"}, 1, answered=True) for item in claim.items]
        store.record(claim, results, lease_s=_LEASE_S, last=True)


def _user(number: int) -> dict[str, object]:
    return {"username": f"user {number}", "email": f"user-{number}@example.org", "passwordHash": _HASH}


def main(items: int, database_url: str | None) -> None:
    """Print a line for each step, and the sum."""
    body = json.dumps([{"method": "POST", "body": _user(number)} for number in range(items)]).encode()
    steps = Steps()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(database_url or f"sqlite:///{Path(folder) / 'bench.db'}")
        MIGRATIONS.upgrade(database)
        store = SqlJobStore(database, Vault(FixedKeyRing(MasterKey.new().render())))
        for _ in range(_ROUNDS):
            run_round(store, body, items, steps)
        database.dispose()
    for name, least_s in [*steps.least_s.items(), ("together", sum(steps.least_s.values()))]:
        print(f"{name:>14}: {least_s / items * 1e6:6.1f} µs an item")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000, sys.argv[2] if len(sys.argv) > 2 else None)
