"""Workers that a broker wakes: messages may be lost, doubled or late, and the database still says what is done."""

import signal
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.batch_service.forwarder import Forwarder
from tests.batch_service.processes import BatchService
from tests.batch_service.waiting import eventually
from tests.brokers import Broker
from tests.system.ledger import Ledger, batch

ITEMS = 400
# Nothing but a message then wakes the worker, for as long as a test may take.
BY_MESSAGE_ALONE: dict[str, Any] = {"SWEEP_EVERY_S": 120, "LOOK_EVERY_S": 120}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
on_rabbitmq = pytest.mark.parametrize("broker", ["amqp"], indirect=True)


def check_applied_once(service: BatchService, ledger: Ledger, job_id: str, *, within_s: float = 60) -> None:
    job = service.ended(job_id, within_s=within_s)
    assert (job["status"], job["counts"]["succeeded"]) == ("succeeded", ITEMS)
    assert {(result["responseCode"], result["attempts"]) for result in service.all_results(job_id)} == {("201", 1)}
    assert ledger.seen == dict.fromkeys(range(ITEMS), 1)


def through(broker: Broker, forwarder: Forwarder) -> Broker:
    parts = urlsplit(broker.url)
    login, at, _ = parts.netloc.rpartition("@")
    return replace(broker, url=urlunsplit(parts._replace(netloc=f"{login}{at}127.0.0.1:{forwarder.port}")))


def port_of(broker: Broker) -> int:
    port = urlsplit(broker.url).port
    assert port is not None
    return port


@on_sqlite
def test_a_job_is_run_whoever_comes_first(tmp_path: Path, database_url: str, broker: Broker, ledger: Ledger) -> None:
    """The worker is there before its queue; and the message before the worker."""
    settings = {**broker.settings, **BY_MESSAGE_ALONE}
    with BatchService(tmp_path, database_url, ledger.registry(), CHUNK_ITEMS=50, **settings) as service:
        check_applied_once(service, ledger, service.submit("things", batch(ITEMS)))
        before = monotonic()
        assert service.stop("worker") == 0
        assert monotonic() - before < 6
        ledger.asked.clear()
        job_id = service.submit("things", batch(ITEMS))
        eventually(lambda: broker.waiting >= 8, within_s=30)  # and what the stopped worker had not acknowledged
        service.start("worker")
        check_applied_once(service, ledger, job_id)


@on_sqlite
@pytest.mark.parametrize("url", ["amqp://user:s3cret@127.0.0.1:{port}//", "redis://:s3cret@127.0.0.1:{port}/0"])
def test_a_broker_that_is_away_keeps_nobody_waiting(tmp_path: Path, database_url: str, ledger: Ledger, url: str) -> None:
    with Forwarder(0) as nothing:
        settings = {"BROKER_URL": url.format(port=nothing.port), "SWEEP_EVERY_S": 0.5}
        with BatchService(tmp_path, database_url, ledger.registry(), CHUNK_ITEMS=50, **settings) as service:
            before = monotonic()
            job_id = service.submit("things", batch(ITEMS))
            assert monotonic() - before < 1
            eventually(lambda: len(ledger.asked) > 40, within_s=30)
            before = monotonic()
            assert service.stop("worker") == 0
            assert monotonic() - before < 6
            service.start("worker")
            check_applied_once(service, ledger, job_id)
    said = service.log.read_text()
    api, workers = 1, 2
    assert 1 <= said.count("takes no messages") <= api + workers
    assert "s3cret" not in said


@on_sqlite
def test_a_broker_that_comes_back_is_used_again(tmp_path: Path, database_url: str, broker: Broker, ledger: Ledger) -> None:
    with Forwarder(port_of(broker)) as way:
        settings = {**through(broker, way).settings, **BY_MESSAGE_ALONE}
        with BatchService(tmp_path, database_url, ledger.registry(), CHUNK_ITEMS=50, **settings) as service:
            eventually(lambda: "Trying again" in service.log.read_text(), within_s=30)
            way.open()
            check_applied_once(service, ledger, service.submit("things", batch(ITEMS)))
            ledger.asked.clear()
            job_id = service.submit("things", batch(ITEMS))
            eventually(lambda: ledger.asked)
            way.cut()
            way.open()
            check_applied_once(service, ledger, job_id)
            ledger.asked.clear()
            check_applied_once(service, ledger, service.submit("things", batch(ITEMS)))


@on_sqlite
def test_wake_ups_that_are_lost_cost_time_alone(tmp_path: Path, database_url: str, broker: Broker, ledger: Ledger) -> None:
    settings = {**broker.settings, "SWEEP_EVERY_S": 0.5}
    with BatchService(tmp_path, database_url, ledger.registry(), CHUNK_ITEMS=10, **settings) as service:
        job_id = service.submit("things", batch(ITEMS))
        eventually(lambda: ledger.asked)
        broker.delete_queue()
        check_applied_once(service, ledger, job_id)
        ledger.asked.clear()
        check_applied_once(service, ledger, service.submit("things", batch(ITEMS)))


@on_postgresql
def test_a_message_that_comes_five_times_is_as_good_as_one(
    tmp_path: Path, database_url: str, broker: Broker, ledger: Ledger
) -> None:
    settings = {**broker.settings, **BY_MESSAGE_ALONE}
    with BatchService(tmp_path, database_url, ledger.registry(), CHUNK_ITEMS=25, **settings) as service:
        job_id = service.submit("things", batch(ITEMS))
        broker.send(5 * 8)
        check_applied_once(service, ledger, job_id)
        eventually(lambda: broker.waiting == 0)


@on_sqlite
def test_a_worker_that_is_told_to_stop_leaves_nothing_in_doubt(
    tmp_path: Path, database_url: str, broker: Broker, ledger: Ledger
) -> None:
    settings = {**broker.settings, "SWEEP_EVERY_S": 0.5}
    with BatchService(tmp_path, database_url, ledger.registry(), CHUNK_ITEMS=50, **settings) as service:
        job_id = service.submit("things", batch(ITEMS))
        eventually(lambda: len(ledger.asked) > 40)
        before = monotonic()
        assert service.stop("worker") == 0
        assert monotonic() - before < 6
        assert len(ledger.asked) < ITEMS
        service.start("worker")
        check_applied_once(service, ledger, job_id)


@on_sqlite
@on_rabbitmq
def test_a_worker_that_is_killed_loses_nothing(tmp_path: Path, database_url: str, broker: Broker, ledger: Ledger) -> None:
    settings = {**broker.settings, "SWEEP_EVERY_S": 0.5, "LEASE_S": 1}
    registry = ledger.registry(idempotent_writes="true")
    with BatchService(tmp_path, database_url, registry, CHUNK_ITEMS=50, **settings) as service:
        job_id = service.submit("things", batch(ITEMS))
        eventually(lambda: len(ledger.asked) > 40)
        service.stop("worker", signal.SIGKILL)
        service.start("worker")
        assert service.ended(job_id)["counts"]["succeeded"] == ITEMS
        assert set(ledger.seen) == set(range(ITEMS))
