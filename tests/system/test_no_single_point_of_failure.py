"""Two of everything: whichever process is killed, each batch is accepted and each item applied."""

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

ITEMS = 30


class Client(threading.Thread):
    """Submits one batch after another; on a broken connection it sends the same again to the other address, with its key."""

    def __init__(self, services: list[BatchService]) -> None:
        super().__init__(daemon=True)
        self.job_ids: list[str] = []
        self.refused: list[str] = []
        self.sent_again = 0
        self._services = services
        self._ends = threading.Event()

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

    def _submit(self, key: str, *, first: int) -> None:
        headers = {"Prefer": "respond-async", "Idempotency-Key": key}
        for attempt in range(100):
            service = self._services[(first + attempt) % len(self._services)]
            try:
                response = requests.post(f"{service.url}/things", json=batch(ITEMS), headers=headers, timeout=30)
            except requests.ConnectionError:
                self.sent_again += 1
                continue
            if response.status_code == 202:
                self.job_ids.append(response.json()["jobId"])
            else:
                self.refused.append(response.text)
            return
        self.refused.append(f"no address took the batch {key}")


def all_jobs(service: BatchService) -> list[Any]:
    page = service.get("jobs?limit=100")
    jobs = list(page["jobs"])
    while page["next"] is not None:
        page = service.get(f"jobs?limit=100&cursor={page['next']}")
        jobs += page["jobs"]
    return jobs


@pytest.fixture
def services(tmp_path: Path, database_url: str, broker: Broker, ledger: Ledger) -> Iterator[list[BatchService]]:
    settings: dict[str, Any] = {**broker.settings, "LEASE_S": 1, "SWEEP_EVERY_S": 0.5, "CHUNK_ITEMS": 10}
    with ExitStack() as stack:
        services = []
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            service = BatchService(tmp_path / name, database_url, ledger.registry(idempotent_writes="true"), **settings)
            services.append(stack.enter_context(service))
        yield services


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("broker", ["amqp"], indirect=True)
def test_any_process_may_be_killed(services: list[BatchService], ledger: Ledger) -> None:
    one, other = services
    with Client(services) as client:
        for service, name in [(one, "serve"), (one, "worker"), (other, "serve"), (other, "worker")]:
            so_far = len(client.job_ids)
            eventually(lambda so_far=so_far: len(client.job_ids) > so_far + 5, within_s=30)  # type: ignore[misc]
            service.kill(name)
            so_far, asked = len(client.job_ids), len(ledger.asked)
            eventually(lambda so_far=so_far: len(client.job_ids) > so_far + 5, within_s=30)  # type: ignore[misc]
            eventually(lambda asked=asked: len(ledger.asked) > asked + ITEMS, within_s=30)  # type: ignore[misc]
            service.start(name)
    assert client.refused == []
    assert client.sent_again > 0
    assert {job["jobId"] for job in all_jobs(other)} == set(client.job_ids)
    for job_id in client.job_ids:
        assert one.ended(job_id)["counts"] == {"total": ITEMS, "pending": 0, "succeeded": ITEMS, "failed": 0}
    applied = {asked.headers["idempotency-key"] for asked in ledger.asked}
    assert applied == {f"{job_id}:{index}" for job_id in client.job_ids for index in range(ITEMS)}
