"""The batch service in front of a REST server from a package: Kinto, told of by the registry alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.batch_service.processes import BatchService, free_port
from tests.batch_service.waiting import eventually

KINTO = """
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.cache_backend = kinto.core.cache.memory
kinto.bucket_create_principals = system.Everyone
kinto.userid_hmac_secret = of-a-test

[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = %(http_port)s
"""
REGISTRY = """
[entities.buckets]
url = "{url}/buckets"
methods = ["PUT"]

[entities.collections]
url = "{url}/buckets/library/collections"
methods = ["GET", "PUT"]

[entities.books]
url = "{url}/buckets/library/collections/books/records"
headers = ["If-Match", "If-None-Match"]
concurrency = 4
"""


@pytest.fixture(scope="module")
def kinto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("kinto")
    (folder / "kinto.ini").write_text(KINTO)
    port = free_port()
    command = [str(Path(sys.executable).parent / "kinto"), "start", "--ini", str(folder / "kinto.ini"), "--port", str(port)]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/v1"
    try:
        eventually(lambda: _answers(url), within_s=60)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/__heartbeat__", timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def service(tmp_path: Path, database_url: str, kinto: str) -> Iterator[BatchService]:
    with BatchService(tmp_path, database_url, REGISTRY.format(url=kinto)) as service:
        yield service


def results(service: BatchService, entity: str, batch: list[Any]) -> list[Any]:
    response = service.post(entity, batch)
    assert response.status_code == 200, response.text
    return list(response.json())


def codes(service: BatchService, batch: list[Any]) -> list[str]:
    return [result["responseCode"] for result in results(service, "books", batch)]


def book(title: str, **more: Any) -> dict[str, Any]:
    return {"data": {"title": title, **more}}


def test_create_read_change_and_delete(service: BatchService) -> None:
    everyone = {"permissions": {"write": ["system.Everyone"]}}
    (bucket,) = results(service, "buckets", [{"method": "PUT", "path": "/library", "body": everyone}])
    (collection,) = results(service, "collections", [{"method": "PUT", "path": "/books", "body": {}}])
    assert {bucket["responseCode"], collection["responseCode"]} <= {"200", "201"}

    titles = ["Ἰλιάς", "Don Quijote", "紅樓夢", *[f"volume {number}" for number in range(30)]]
    created = results(service, "books", [{"body": book(title)} for title in titles])
    assert {result["responseCode"] for result in created} == {"201"}
    assert [result["responseBody"]["data"]["title"] for result in created] == titles
    paths = [f"/{result['responseBody']['data']['id']}" for result in created]

    read = results(service, "books", [{"method": "GET", "path": path} for path in paths])
    assert [result["responseBody"]["data"]["title"] for result in read] == titles
    etags = [result["responseHeaders"]["ETag"] for result in read]
    current = [
        {"method": "GET", "path": path, "headers": {"If-None-Match": etag}} for path, etag in zip(paths, etags, strict=True)
    ]
    assert set(codes(service, current)) == {"304"}

    change = {"method": "PATCH", "path": paths[0], "body": {"data": {"year": -750}}}
    assert codes(service, [{**change, "headers": {"If-Match": etags[0]}}]) == ["200"]
    assert codes(service, [{**change, "headers": {"If-Match": etags[0]}}, {**change, "path": "/nothing"}]) == ["412", "404"]
    replace = {"method": "PUT", "path": paths[1], "body": book("Quixote"), "headers": {"If-Match": etags[1]}}
    assert codes(service, [replace]) == ["200"]
    first, second = results(service, "books", [{"method": "GET", "path": path} for path in paths[:2]])
    assert (first["responseBody"]["data"]["title"], first["responseBody"]["data"]["year"]) == (titles[0], -750)
    assert second["responseBody"]["data"]["title"] == "Quixote"

    (listed,) = results(service, "books", [{"method": "GET", "query": {"_limit": 2, "year": -750}}])
    assert [found["title"] for found in listed["responseBody"]["data"]] == [titles[0]]

    job_id = service.submit("books", [{"method": "DELETE", "path": path} for path in paths])
    assert service.ended(job_id)["status"] == "succeeded"
    assert set(codes(service, [{"method": "GET", "path": path} for path in paths])) == {"404"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_the_server_refuses_is_told_in_its_own_words(service: BatchService) -> None:
    job_id = service.submit(
        "books", [{"body": {"data": 7}}, {"body": {"data": 8}}, {"method": "PUT", "path": "/a b", "body": {}}]
    )
    job = service.ended(job_id)
    assert (job["status"], job["errors"][0]["count"], job["errors"][0]["responseCode"]) == ("failed", 2, "400")
    assert "data" in service.all_results(job_id)[0]["responseBody"]["message"]
