"""A chunk on the bench: a real job store, and a target whose every answer the test writes."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Self

import orjson

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.registry import FileRegistry
from batch_service.adapters.target_store import SqlTargetStore
from batch_service.application.run_chunk import RunChunk
from batch_service.application.targets import Targets
from batch_service.domain.batch import Refused
from batch_service.domain.chunk import Claim
from batch_service.domain.entity import Entity
from batch_service.domain.item import Item
from batch_service.domain.job import Job
from batch_service.domain.ports import JobStore
from servicekit.database import Database
from tests.batch_service.making import OWNER, add_job, make_entity, make_item, make_job
from tests.batch_service.scripted_fan_out import ScriptedFanOut


def make_targets(database: Database) -> Targets:
    return Targets(SqlTargetStore(database), "bench", lease_s=15.0)


def never() -> bool:
    return False


@dataclass
class Bench:
    store: SqlJobStore
    entity: Entity = field(default_factory=lambda: make_entity(retries=2))
    fan_out: ScriptedFanOut = field(default_factory=ScriptedFanOut)
    lease_s: float = 0.6
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))

    def __post_init__(self) -> None:
        self.targets = make_targets(self.store.database)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.fan_out.let_go()  # a test that failed may have left something on its way
        self._pool.shutdown()

    def add(self, *items: Item | Refused, traceparent: str | None = None) -> str:
        job = replace(make_job(), items=items or [make_item()], traceparent=traceparent)
        add_job(self.store, job, chunk_items=500)
        return job.id

    def claim(self, *, lease_s: float = 15.0) -> Claim:
        claim = self.store.claim("bench", lease_s=lease_s)
        assert claim is not None
        return claim

    def run(self, claim: Claim | None = None, stopping: Callable[[], bool] = never, *, store: JobStore | None = None) -> Job:
        registry = FileRegistry({self.entity.name: self.entity})
        run_chunk = RunChunk(
            registry, store or self.store, self.fan_out, self.targets, lease_s=self.lease_s, record_every_s=0.01
        )
        return run_chunk(claim or self.claim(), stopping=stopping)

    def begin(
        self, claim: Claim | None = None, stopping: Callable[[], bool] = never, *, store: JobStore | None = None
    ) -> Future[Job]:
        """Run in a thread of its own."""
        return self._pool.submit(self.run, claim or self.claim(), stopping, store=store)

    def codes(self, job_id: str) -> list[int | None]:
        return [row.response_code for row in self.store.results(job_id, OWNER, limit=1000, after=None, status=None)]

    def problems(self, job_id: str) -> list[str]:
        rows = self.store.results(job_id, OWNER, limit=1000, after=None, status="failed")
        return [orjson.loads(row.response_body or b"")["code"] for row in rows]

    def attempts(self, job_id: str) -> list[int]:
        return [row.attempts for row in self.store.results(job_id, OWNER, limit=1000, after=None, status=None)]

    @property
    def sent(self) -> Sequence[int]:
        return [request.index for request in self.fan_out.sent]
