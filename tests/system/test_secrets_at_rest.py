"""Marked secrets through every door, the worker killed in the middle: nothing that is left behind holds one of them.

Acceptance 32 and 33. Looked through are the database (its files, its log, its dump), the broker, and what every process logs
at DEBUG; first while everything is queued, then at the end.
"""

import base64
import json
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import items, job_keys
from batch_service.domain.credential import Credential
from batch_service.domain.owner import Owner
from servicekit.database import Database
from tests.batch_service.making import make_item, make_job, make_vault
from tests.batch_service.processes import BatchService
from tests.batch_service.raw_target import Asked, RawTarget, reply
from tests.batch_service.waiting import eventually
from tests.brokers import Broker
from tests.canary import DEBUG_LOGGING, Canary, left_in_database

RETRY_WINDOW_S = 4


class Echo(RawTarget):
    """Says all that it is told, in body, header and error, once it is free to."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.free = threading.Event()

    def _answer(self, asked: Asked, connection: socket.socket) -> None:
        assert self.free.wait(60)
        told = asked.json()
        if told.get("good"):
            headers = {"Location": f"/things/{base64.urlsafe_b64encode(asked.body[:60]).decode()}"}
            connection.sendall(reply(201, asked.body, headers=headers))
        else:
            connection.sendall(reply(422, json.dumps({"error": f"{told['secret']} is no good"}).encode()))


@pytest.fixture
def target() -> Iterator[Echo]:
    with Echo() as target:
        yield target
        target.free.set()


@pytest.fixture
def canary() -> Canary:
    return Canary()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


class Doors:
    """Batches of a good and a bad item, through each of the doors; the credential through the store, which it is handed."""

    def __init__(self, service: BatchService, canary: Canary, database: Database) -> None:
        self.service = service
        self.canary = canary
        self.store = SqlJobStore(database, make_vault())
        self.pool = ThreadPoolExecutor(1)

    def _items(self, door: str) -> list[dict[str, Any]]:
        place = {"path": f"/{self.canary.plain(f'{door}-path')}", "query": {"q": self.canary.odd(f"{door}-query")}}
        headers = {"X-Note": self.canary.plain(f"{door}-header")}
        return [
            {"path": place["path"], "body": {"good": True, "secret": self.canary.odd(f"{door}-good")}},
            {**place, "headers": headers, "body": {"good": False, "secret": self.canary.odd(f"{door}-bad")}},
            {"nothing": self.canary.odd(f"{door}-malformed"), self.canary.odd(f"{door}-name"): 1},
        ]

    def send_all(self) -> list[str]:
        """Return the ids of the jobs; the one that is answered at once is waited for by a thread."""
        self.answer = self.pool.submit(self.service.post, "things", self._items("sync"))
        eventually(lambda: self._listed() == 1, within_s=30)
        self.service.submit("things", self._items("async"))
        self._stream("application/x-ndjson", "".join(json.dumps(item) + "\n" for item in self._items("ndjson")))
        rows = [("true", self.canary.plain("csv-good")), ("", self.canary.plain("csv-bad"))]
        self._stream("text/csv", "good,secret\n" + "".join(f"{good},{secret}\n" for good, secret in rows))
        self._with_credential()
        return [job["jobId"] for job in self.service.get("jobs")["jobs"]]

    def _stream(self, media_type: str, body: str) -> None:
        response = requests.post(
            f"{self.service.url}/things", data=body.encode(), headers={"Content-Type": media_type}, timeout=60
        )
        assert response.status_code == 202, response.text

    def _with_credential(self) -> None:
        bodies = [{"good": good, "secret": self.canary.odd("credential-body")} for good in (True, False)]
        sent = [make_item(n, body=json.dumps(body).encode(), target=self.url) for n, body in enumerate(bodies)]
        owner = self._owner()
        job = replace(make_job(), owner=owner, items=sent, credential=Credential(self.canary.plain("credential"), None))
        self.store.add(job, max_pending_items=100)

    url = ""

    def _owner(self) -> Owner:
        with self.store.database.reading() as connection:
            return Owner(*connection.execute(sa.text("SELECT tenant, subject FROM jobs LIMIT 1")).one())

    def _listed(self) -> int:
        return len(self.service.get("jobs")["jobs"])


def left_behind(database: Database, service: BatchService, broker: Broker | None) -> dict[str, bytes]:
    left = {**left_in_database(database), "log": service.log.read_bytes()}
    assert b"SELECT" in left["log"], "nothing was logged at DEBUG"
    if broker is not None:
        left["broker"] = b"\n".join(broker.everything())
    return left


@pytest.fixture
def of_service(database: Database, broker: Broker) -> Broker | None:
    """One way of running it on each database: embedded, and woken by a broker."""
    return None if database.is_sqlite else broker


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_no_secret_is_left_anywhere(
    tmp_path: Path, database: Database, target: Echo, canary: Canary, of_service: Broker | None
) -> None:
    database_url = database.url.render_as_string(hide_password=False)
    options = ('headers = ["X-Note"]', "idempotent_writes = true", "forward_authorization = true")
    registry = "\n".join(["[entities.things]", f'url = "{target.url}"', *options])
    settings: dict[str, object] = {
        "LEASE_S": 1,
        "SWEEP_EVERY_S": 0.2,
        "RETRY_WINDOW": f"{RETRY_WINDOW_S}s",
        "CHUNK_ITEMS": 2,
        **DEBUG_LOGGING,
    }
    if of_service is not None:
        settings |= of_service.settings
    with BatchService(tmp_path, database_url, registry, **settings) as service:
        doors = Doors(service, canary, database)
        doors.url = target.url
        job_ids = doors.send_all()
        assert len(job_ids) == 5
        eventually(lambda: len(target.asked) >= 4, within_s=30)
        service.kill("worker")
        queued = left_behind(database, service, of_service)
        assert canary.found_in(queued) == []
        assert all(job_ids[0].encode() in queued[name] for name in queued if name in ("rows", "pg_dump"))
        sealed = sealed_requests(database)
        assert len(sealed) == 10

        target.free.set()
        service.start("worker")
        for job_id in job_ids:
            service.ended(job_id)
        assert doors.answer.result(60).status_code == 200
        assert {asked.headers.get("authorization") for asked in target.asked} == {None, f"Bearer {canary.plain('credential')}"}
        ended = left_behind(database, service, of_service)
        assert canary.found_in(ended) == []
        assert no_credential(database)

        # The owner reads all of it; the store keeps what is needed to try again, for as long as that may be done.
        assert canary.mark in json.dumps([service.all_results(job_id) for job_id in job_ids])
        kept = sealed_requests(database)
        assert 0 < len(kept) <= 5
        eventually(lambda: gone(database, sealed - kept), within_s=30)
        eventually(lambda: sealed_requests(database) == set() and gone(database, sealed), within_s=RETRY_WINDOW_S + 30)
        for job_id in job_ids:
            response = service.post(f"jobs/{job_id}/retry")
            assert (response.status_code, response.json()["code"]) == (409, "retry_window_over")

        results = sealed_responses(database)
        assert results
        for job_id in job_ids:
            requests.delete(f"{service.url}/jobs/{job_id}", timeout=60).raise_for_status()
        eventually(lambda: gone(database, results), within_s=30)
        assert service.stop("worker", signal.SIGTERM) == 0
        assert canary.found_in(left_behind(database, service, of_service)) == []


def sealed_requests(database: Database) -> set[bytes]:
    with database.reading() as connection:
        return {bytes(blob) for blob in connection.execute(sa.select(items.c.request)).scalars() if blob is not None}


def sealed_responses(database: Database) -> set[bytes]:
    with database.reading() as connection:
        return {bytes(blob) for blob in connection.execute(sa.select(items.c.response)).scalars() if blob is not None}


def no_credential(database: Database) -> bool:
    with database.reading() as connection:
        return not any(connection.execute(sa.select(job_keys.c.credential)).scalars())


def gone(database: Database, blobs: set[bytes]) -> bool:
    """Whether not even their first bytes are left; PostgreSQL's files are not looked into: they are vacuumed when it likes."""
    left = left_in_database(database)
    return not any(blob[:40] in content for blob in blobs for content in left.values())
