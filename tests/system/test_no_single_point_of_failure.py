"""Two of everything: whichever process is killed, each batch is accepted once, and each of its items is applied."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, Self

import pytest
import requests

from tests.batch_service.processes import BatchService
from tests.batch_service.waiting import eventually
from tests.brokers import Broker
from tests.system.ledger import Ledger, batch

ITEMS = 60


class Client(threading.Thread):
    """Submits one batch after another and waits; on a broken connection it sends it to the other address with the same key."""

    def __init__(self, services: list[BatchService], ledger: Ledger) -> None:
        super().__init__(daemon=True)
        self.answered = 0
        self.refused: list[str] = []
        self.sent_again = 0
        self._services = services
        self._ledger = ledger
        self._ends = threading.Event()
        self._asking: tuple[BatchService, int] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self.join(60)

    def run(self) -> None:
        for number in count():
            if self._ends.wait(0.02):
                return
            self._submit(str(uuid.uuid4()), first=number)

    def waits_for(self, service: BatchService) -> bool:
        """Say whether a batch was sent to this address, and stored, and is not answered yet."""
        asking = self._asking
        return asking is not None and asking[0] is service and len(self._ledger.asked) > asking[1]

    def _submit(self, key: str, *, first: int) -> None:
        for attempt in range(100):
            service = self._services[(first + attempt) % len(self._services)]
            self._asking = (service, len(self._ledger.asked))
            try:
                response = self._post(service, key)
            except requests.ConnectionError:
                self.sent_again += 1
                continue
            finally:
                self._asking = None
            if response.status_code == 200 and {result["responseCode"] for result in response.json()} == {"201"}:
                self.answered += 1
            else:
                self.refused.append(response.text)
            return
        self.refused.append(f"no address took the batch {key}")

    def _post(self, service: BatchService, key: str) -> requests.Response:
        headers = {"Prefer": "wait=60", "Idempotency-Key": key}
        return requests.post(f"{service.url}/things", json=batch(ITEMS), headers=headers, timeout=60)


@pytest.fixture
def services(tmp_path: Path, database_url: str, broker: Broker, ledger: Ledger) -> Iterator[list[BatchService]]:
    settings: dict[str, Any] = {**broker.settings, "LEASE_S": 1, "SWEEP_EVERY_S": 0.5, "CHUNK_ITEMS": 20}
    with ExitStack() as stack:
        services = []
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            service = BatchService(tmp_path / name, database_url, ledger.registry(idempotent_writes="true"), **settings)
            services.append(stack.enter_context(service))
        yield services


def all_jobs(service: BatchService) -> list[Any]:
    page = service.get("jobs?limit=100")
    jobs = list(page["jobs"])
    while page["next"] is not None:
        page = service.get(f"jobs?limit=100&cursor={page['next']}")
        jobs += page["jobs"]
    return jobs


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("broker", ["amqp"], indirect=True)
def test_any_process_may_be_killed(services: list[BatchService], ledger: Ledger) -> None:
    one, other = services
    with Client(services, ledger) as client:
        for service, name in [(one, "serve"), (one, "worker"), (other, "serve"), (other, "worker")]:
            eventually(lambda service=service: client.waits_for(service), within_s=30)  # type: ignore[misc]
            service.kill(name)
            so_far = client.answered
            eventually(lambda so_far=so_far: client.answered > so_far + 5, within_s=30)  # type: ignore[misc]
            service.start(name)
    assert client.refused == []
    assert client.sent_again >= 2
    jobs = all_jobs(other)
    assert len(jobs) == client.answered
    assert {(job["status"], job["counts"]["succeeded"]) for job in jobs} == {("succeeded", ITEMS)}
    applied = {asked.headers["idempotency-key"] for asked in ledger.asked}
    assert applied == {f"{job['jobId']}:{index}" for job in jobs for index in range(ITEMS)}
