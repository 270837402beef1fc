"""Whoever sent a batch may be killed: the job goes on, and whoever has its id reads every result."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch_service.processes import BatchService
from tests.batch_service.waiting import eventually
from tests.system.ledger import Ledger, batch

ITEMS = 400
CLIENT = """
import json, sys, requests
url, prefer, file = sys.argv[1:]
answer = requests.post(url, data=open(file, "rb"), headers={"Content-Type": "application/json", "Prefer": prefer}, timeout=60)
print(answer.json()["jobId"], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def service(tmp_path: Path, database_url: str, ledger: Ledger) -> Iterator[BatchService]:
    with BatchService(tmp_path, database_url, ledger.registry(), CHUNK_ITEMS=50) as service:
        yield service


def start_client(service: BatchService, folder: Path, *, prefer: str) -> subprocess.Popen[str]:
    file = folder / "batch.json"
    file.write_text(json.dumps(batch(ITEMS)))
    command = [sys.executable, "-c", CLIENT, f"{service.url}/things", prefer, str(file)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def kill(client: subprocess.Popen[str]) -> None:
    client.kill()
    client.communicate()


def check_every_result(service: BatchService, ledger: Ledger, job_id: str) -> None:
    job = service.ended(job_id)
    assert (job["status"], job["counts"]["succeeded"]) == ("succeeded", ITEMS)
    results = service.all_results(job_id, limit=150)
    assert [result["index"] for result in results] == list(range(ITEMS))
    assert {result["responseCode"] for result in results} == {"201"}
    assert ledger.seen == dict.fromkeys(range(ITEMS), 1)


def test_another_client_comes_back_with_the_id_of_the_job(service: BatchService, ledger: Ledger, tmp_path: Path) -> None:
    client = start_client(service, tmp_path, prefer="respond-async")
    assert client.stdout is not None
    job_id = client.stdout.readline().strip()
    eventually(lambda: ledger.asked)
    kill(client)
    check_every_result(service, ledger, job_id)


def test_a_client_that_is_killed_while_it_waits_leaves_a_job_that_can_be_found(
    service: BatchService, ledger: Ledger, tmp_path: Path
) -> None:
    client = start_client(service, tmp_path, prefer="wait=60")
    eventually(lambda: ledger.asked)
    kill(client)
    (job,) = service.get("jobs")["jobs"]
    check_every_result(service, ledger, job["jobId"])
