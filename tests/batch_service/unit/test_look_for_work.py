"""What a broker's worker finds without a message."""

import threading
from collections.abc import Iterator

import pytest

from batch_service.adapters.registry import FileRegistry
from batch_service.application.look_for_work import LookForWork
from batch_service.application.run_chunk import RunChunk
from batch_service.application.work import Slots, Work
from batch_service.domain.attempt import Answered
from servicekit.periodic import Periodic
from tests.batch_service.making import add_job, make_entity, make_job
from tests.batch_service.scripted_fan_out import keep
from tests.batch_service.unit.bench import Bench
from tests.batch_service.waiting import eventually


@pytest.fixture
def stopping() -> Iterator[threading.Event]:
    stopping = threading.Event()
    yield stopping
    stopping.set()


@pytest.fixture
def look(bench: Bench, stopping: threading.Event) -> Iterator[LookForWork]:
    registry = FileRegistry({"things": make_entity(name="things")})
    run_chunk = RunChunk(registry, bench.store, bench.fan_out, bench.targets, lease_s=15.0, record_every_s=0.01)
    pulse = Periodic(bench.targets.sync, every_s=1.0, name="targets", wake=bench.targets.changed)
    yield LookForWork(Work(bench.store, run_chunk, "test", Slots(["things"], each=2), pulse), stopping.is_set)
    pulse.stop()


def test_one_look_is_enough_for_all_that_is_free(bench: Bench, look: LookForWork) -> None:
    job_id = add_job(bench.store, make_job(5), chunk_items=1)
    look()
    eventually(lambda: bench.codes(job_id) == [201] * 5)


def test_what_hangs_keeps_no_later_look_waiting(bench: Bench, look: LookForWork) -> None:
    bench.fan_out.script = keep
    first = add_job(bench.store, make_job(1), chunk_items=1)
    look()
    eventually(lambda: len(bench.fan_out.exchanges) == 1)
    second = add_job(bench.store, make_job(2), chunk_items=2)
    look()
    eventually(lambda: len(bench.fan_out.exchanges) == 2)
    for index in range(2):
        bench.fan_out.finish(Answered(index, 201))
    bench.fan_out.let_go()
    eventually(lambda: bench.codes(first) == [201] and bench.codes(second) == [201, 201])


def test_it_begins_nothing_when_the_worker_is_to_stop(bench: Bench, look: LookForWork, stopping: threading.Event) -> None:
    job_id = bench.add()
    stopping.set()
    look()
    assert bench.claim().job_id == job_id
