"""What a target is sent, by all workers together: no more at once than it bears, little while it is away, everybody in turn."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.batch_service.gate import Gate
from tests.batch_service.processes import BatchService
from tests.batch_service.raw_target import Asked, RawTarget, reply
from tests.batch_service.waiting import eventually
from tests.system.ledger import Ledger, batch


class Ailing(RawTarget):
    """A target that is away when a test says so; it counts what it is sent meanwhile."""

    def __init__(self) -> None:
        super().__init__(self._respond)
        self.is_away = threading.Event()
        self.sent_while_away = 0

    def _respond(self, asked: Asked, connection: socket.socket) -> None:
        if self.is_away.is_set():
            self.sent_while_away += 1
            connection.sendall(reply(503))
        else:
            connection.sendall(reply(201))


@pytest.fixture
def ailing() -> Iterator[Ailing]:
    with Ailing() as target:
        yield target


def entity(name: str, target: RawTarget, **settings: object) -> str:
    lines = [
        f'url = "{target.url}"',
        'allow_private = ["127.0.0.1/32"]',
        *(f"{key} = {value}" for key, value in settings.items()),
    ]
    return f"[entities.{name}]\n" + "\n".join(lines) + "\n"


def test_a_target_that_hangs_delays_no_other(tmp_path: Path, database_url: str, ledger: Ledger) -> None:
    with Gate() as gate:
        registry = entity("slow", gate.target, concurrency=2) + entity("things", ledger)
        with BatchService(tmp_path, database_url, registry, CHUNK_ITEMS=10) as service:
            slow = service.submit("slow", batch(100))
            eventually(lambda: gate.target.asked)
            assert {result["responseCode"] for result in service.post("things", batch(50)).json()} == {"201"}
            assert service.get(f"jobs/{slow}")["counts"]["pending"] == 100
            gate.open()
            assert service.ended(slow)["status"] == "succeeded"


def test_a_target_that_is_away_is_left_alone_and_the_job_outwaits_it(tmp_path: Path, database_url: str, ailing: Ailing) -> None:
    with BatchService(tmp_path, database_url, entity("things", ailing, retries=2), CHUNK_ITEMS=50) as service:
        ailing.is_away.set()
        job_id = service.submit("things", batch(200))
        eventually(lambda: (service.get(f"jobs/{job_id}")["hold"] or {}).get("reason") == "failing")
        eventually(lambda: service.post("things", batch(1)).json()[0]["responseBody"]["code"] == "circuit_open", within_s=30)
        assert service.get("entities")["entities"][0]["hold"]["reason"] == "failing"
        # Five in a row, whatever else was on its way then, and one for each trial since.
        assert ailing.sent_while_away < 5 + 8 + 20
        assert service.get(f"jobs/{job_id}")["counts"]["pending"] == 200
        ailing.is_away.clear()
        job = service.ended(job_id)
        assert (job["status"], job["hold"]) == ("succeeded", None)
        assert service.post("things", batch(1)).json()[0]["responseCode"] == "201"


@pytest.mark.parametrize("concurrency", [6])
def test_two_workers_share_the_connections_of_a_target(
    tmp_path: Path, database_url: str, ledger: Ledger, concurrency: int
) -> None:
    at_once = AtOnce(ledger)
    with ExitStack() as stack:
        service = stack.enter_context(
            BatchService(tmp_path, database_url, entity("things", ledger, concurrency=concurrency), CHUNK_ITEMS=10)
        )
        stack.callback(service.stop, "worker 2")
        job_id = service.submit("things", batch(300))
        eventually(lambda: len(ledger.asked) > 30)
        service.start("worker 2")
        assert service.ended(job_id)["status"] == "succeeded"
        assert ledger.seen == dict.fromkeys(range(300), 1)
    assert concurrency - 1 <= at_once.most <= concurrency


class AtOnce:
    """Counts how many requests a ledger is at work on."""

    def __init__(self, ledger: Ledger) -> None:
        self.most = self._now = 0
        self._lock = threading.Lock()
        self._apply = ledger.answer
        ledger.answer = self._count

    def _count(self, asked: Asked, connection: socket.socket) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.02)  # the target's own time, not a wait for anything
        with self._lock:  # before the answer: what comes after it is a new request
            self._now -= 1
        self._apply(asked, connection)


def test_a_rate_holds_over_all_workers(tmp_path: Path, database_url: str, ailing: Ailing) -> None:
    with BatchService(
        tmp_path, database_url, entity("things", ailing, rate='"50/second"', concurrency=4), CHUNK_ITEMS=10
    ) as service:
        service.start("worker 2")
        started = time.monotonic()
        job_id = service.submit("things", batch(100))
        assert service.ended(job_id)["status"] == "succeeded"
        assert time.monotonic() - started > 1.5
        service.stop("worker 2")


def test_ten_items_do_not_wait_for_the_thousands_before_them(tmp_path: Path, database_url: str, ledger: Ledger) -> None:
    with BatchService(tmp_path, database_url, entity("things", ledger, concurrency=2), CHUNK_ITEMS=20) as service:
        large = service.submit("things", batch(3_000))
        eventually(lambda: ledger.asked)
        assert service.post("things", batch(10)).status_code == 200
        assert service.get(f"jobs/{large}")["counts"]["succeeded"] < 1_000
        service.post(f"jobs/{large}/cancel")
