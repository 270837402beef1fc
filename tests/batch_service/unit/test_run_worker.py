import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.pipe_wake_up import PipeWakeUp
from batch_service.adapters.registry import FileRegistry
from batch_service.adapters.tables import chunks
from batch_service.application.run_chunk import RunChunk
from batch_service.application.run_worker import RunWorker
from batch_service.application.work import Slots, Work
from batch_service.domain.attempt import Answered, Outcome, Request
from batch_service.domain.chunk import Claim
from servicekit.database import StorageUnavailableError
from servicekit.periodic import Periodic
from tests.batch_service.making import add_job, make_entity, make_item, make_job
from tests.batch_service.scripted_fan_out import ScriptedFanOut, created, keep
from tests.batch_service.unit.bench import Bench, make_targets
from tests.batch_service.waiting import eventually


class Worker:
    """A worker in a thread of its own."""

    def __init__(self, store: SqlJobStore, folder: Path, fan_out: ScriptedFanOut, *, chunks_at_once: int = 2) -> None:
        self.wake_up = PipeWakeUp(folder / "worker.pipe")
        self.stopping = threading.Event()
        registry = FileRegistry({name: make_entity(name=name) for name in ("things", "others")})
        targets = make_targets(store.database)
        run_chunk = RunChunk(registry, store, fan_out, targets, lease_s=15.0, record_every_s=0.01)
        slots = Slots(["things", "others"], each=chunks_at_once)
        pulse = Periodic(targets.sync, every_s=1.0, name="targets", wake=targets.changed)
        worker = RunWorker(Work(store, run_chunk, "test", slots, pulse), self.wake_up)
        self.thread = threading.Thread(target=worker, args=(self.stopping.is_set,))
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.wake_up.ring()
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
def worker(bench: Bench, tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(bench.store, tmp_path, bench.fan_out)
    yield worker
    worker.stop()


def test_jobs_are_run_as_they_come(bench: Bench, worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(3):
        job_id = bench.add(make_item(0), make_item(1))
        worker.wake_up.ring()
        eventually(lambda job_id=job_id: bench.codes(job_id) == [201, 201])  # type: ignore[misc]
    eventually(lambda: caplog.text.count("succeeded=2 failed=0") == 3)


def test_a_job_is_found_without_a_ring(bench: Bench, worker: Worker) -> None:
    job_id = bench.add()
    eventually(lambda: bench.codes(job_id) == [201])


def test_only_so_many_chunks_run_at_once(bench: Bench, worker: Worker) -> None:
    bench.fan_out.script = keep
    add_job(bench.store, make_job(5), chunk_items=1)
    worker.wake_up.ring()
    eventually(lambda: len(bench.fan_out.exchanges) == 2)
    assert bench.store.claim("another", lease_s=30) is not None
    for index in range(2):
        bench.fan_out.finish(Answered(index, 201))
    eventually(lambda: len(bench.fan_out.exchanges) == 4)
    for index in (3, 4):
        bench.fan_out.finish(Answered(index, 201))


def test_a_target_that_hangs_holds_no_chunk_of_another(bench: Bench, worker: Worker) -> None:
    bench.fan_out.script = lambda request, _: keep(request, 1) if request.body == b"slow" else created(request, 1)
    slow = [make_item(index, body=b"slow") for index in range(5)]
    add_job(bench.store, replace(make_job(), items=slow), chunk_items=1)
    worker.wake_up.ring()
    eventually(lambda: len(bench.fan_out.exchanges) == 2)
    job_id = add_job(bench.store, make_job(3, entity="others"), chunk_items=1)
    worker.wake_up.ring()
    eventually(lambda: bench.codes(job_id) == [201] * 3)
    bench.fan_out.let_go()


def test_a_worker_that_stops_waits_for_what_is_in_flight(bench: Bench, worker: Worker) -> None:
    bench.fan_out.script = keep
    job_id = bench.add(*[make_item(n) for n in range(20)])
    worker.wake_up.ring()
    eventually(lambda: len(bench.sent) == 8)
    worker.stopping.set()
    eventually(lambda: bench.fan_out.exchanges[0].waiting == 0)
    for index in range(8):
        bench.fan_out.finish(Answered(index, 201))
    worker.stop()
    assert bench.codes(job_id) == [201] * 8 + [None] * 12
    assert not bench.claim().was_claimed_before


def test_a_worker_outlives_a_database_that_is_away(bench: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Shaky(SqlJobStore):
        failures = 1

        def claim(self, owner: str, **options: Any) -> Claim | None:
            if self.failures:
                self.failures -= 1
                raise StorageUnavailableError("the database is away")
            return super().claim(owner, **options)

    worker = Worker(Shaky(bench.store.database, bench.store.vault), tmp_path, bench.fan_out)
    job_id = bench.add()
    worker.wake_up.ring()
    eventually(lambda: bench.codes(job_id) == [201])
    worker.stop()
    assert "claiming failed" in caplog.text


def test_a_chunk_that_fails_does_not_end_the_worker(bench: Bench, worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    def fail(request: Request, attempt: int) -> Outcome:
        raise RuntimeError("the fan-out is broken")

    bench.fan_out.script = fail
    for _ in range(3):  # more than there are slots
        bench.add()
    worker.wake_up.ring()
    eventually(lambda: caplog.text.count("RuntimeError: the fan-out is broken") == 3)
    bench.fan_out.script = created
    job_id = bench.add()
    worker.wake_up.ring()
    eventually(lambda: bench.codes(job_id) == [201])


def test_a_job_of_an_entity_that_the_registry_lost_is_left_alone(bench: Bench, worker: Worker) -> None:
    lost, job_id = add_job(bench.store, make_job(entity="gone"), chunk_items=1), bench.add()
    worker.wake_up.ring()
    eventually(lambda: bench.codes(job_id) == [201])
    assert bench.codes(lost) == [None]


def test_a_worker_that_lost_its_lease_lets_the_chunk_be(bench: Bench, worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    bench.fan_out.script = keep
    job_id = bench.add()
    worker.wake_up.ring()
    eventually(lambda: bench.sent)
    with bench.store.database.writing() as connection:
        connection.execute(chunks.update().values(fence=99))
    bench.fan_out.finish(Answered(0, 201))
    eventually(lambda: "lease lost" in caplog.text)
    assert bench.codes(job_id) == [None]
