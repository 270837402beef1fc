"""Streams over a real server and real sockets: bodies that break off, bombs, results that come while others are awaited."""

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests

from tests.batch_service.api.tiny_api import TinyApi
from tests.batch_service.processes import BatchService

LINE = b'{"body": {"name": "a"}}\n'
NDJSON = "application/x-ndjson"
LIMIT = 20_000_000


@pytest.fixture(scope="module")
def target() -> Iterator[TinyApi]:
    with TinyApi() as target:
        yield target
        target.free.set()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, target: TinyApi) -> Iterator[BatchService]:
    folder = tmp_path_factory.mktemp("service")
    registry = f'[entities.things]\nurl = "{target.url}"\n'
    with BatchService(
        folder, f"sqlite:///{folder}/batch.db", registry, MAX_BODY_BYTES=LIMIT // 2, MAX_STREAM_BYTES=LIMIT
    ) as service:
        yield service


def post(service: BatchService, body: bytes | Iterator[bytes], **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(f"{service.url}/things", data=body, headers={"Content-Type": NDJSON, **named}, timeout=60)


def jobs(service: BatchService) -> int:
    return len(service.get("jobs?limit=1000")["jobs"])


def test_lines_of_a_body_without_a_declared_length_become_a_job(service: BatchService) -> None:
    response = post(service, (LINE for _ in range(2_345)))
    assert response.status_code == 202, response.text
    ended = service.ended(response.json()["jobId"])
    assert ended["counts"] == {"total": 2_345, "pending": 0, "succeeded": 2_345, "failed": 0}
    stream = requests.get(f"{service.url}/jobs/{ended['jobId']}/results", headers={"Accept": NDJSON}, timeout=60)
    assert stream.headers["Content-Encoding"] == "gzip"
    assert [json.loads(line)["index"] for line in stream.iter_lines()] == list(range(2_345))


def test_a_stream_may_be_longer_than_an_array(service: BatchService) -> None:
    line = b'{"body": {"name": "' + b"x" * 1_000_000 + b'"}}\n'
    for good in (iter([line] * 15), line * 15):
        service.ended(post(service, good).json()["jobId"])
    for body in (iter([line] * 20), line * 20):
        response = post(service, body)
        assert (response.status_code, response.json()["code"]) == (413, "request_entity_too_large")


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f"Content-Length: {len(LINE) * 5_000}", LINE * 3_000),
        ("Transfer-Encoding: chunked", f"{len(LINE) * 5_000:x}\r\n".encode() + LINE * 3_000),
        ("Transfer-Encoding: chunked", f"{len(LINE) * 3_000:x}\r\n".encode() + LINE * 3_000 + b"\r\n"),
        ("Transfer-Encoding: chunked", f"{len(LINE) * 3_000:x}\r\n".encode() + LINE * 3_000 + b"no chunk\r\n"),
        (
            "Transfer-Encoding: chunked\r\nContent-Encoding: gzip",
            b"40\r\n" + gzip.compress(LINE * 3_000)[:64] + b"\r\n0\r\n\r\n",
        ),
    ],
    ids=[
        "short of its length",
        "within a chunk",
        "before the last chunk",
        "with a chunk that is none",
        "within what is packed",
    ],
)
def test_a_body_that_breaks_off_leaves_nothing(service: BatchService, target: TinyApi, head: str, body: bytes) -> None:
    before, asked = jobs(service), len(target.asked)
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        start = f"POST /v1/batch/things HTTP/1.1\r\nHost: x\r\nContent-Type: {NDJSON}\r\nConnection: close\r\n{head}\r\n\r\n"
        connection.sendall(start.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(ConnectionResetError):
            while part := connection.recv(65_536):
                answer += part
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert jobs(service) == before
    assert len(target.asked) == asked
    service.ended(post(service, LINE).json()["jobId"])


def test_a_bomb_is_refused_when_it_has_grown_too_large(service: BatchService) -> None:
    before = jobs(service)
    line = b'{"body": {"name": "' + b"x" * 1_000_000 + b'"}}\n'
    response = post(service, gzip.compress(line * 21), Content_Encoding="gzip")
    assert (response.status_code, response.json()["code"]) == (413, "request_entity_too_large")
    assert jobs(service) == before


def test_a_sender_who_is_refused_half_way_hears_why(service: BatchService) -> None:
    """Whoever is still sending must not find the connection reset before it has read the answer."""
    response = post(service, iter([LINE, b"{nope\n", *[LINE * 1_000] * 200]))
    assert (response.status_code, response.json()["code"]) == (400, "invalid_json")


def test_results_come_while_others_are_awaited(service: BatchService, target: TinyApi) -> None:
    target.free.clear()
    batch = [{"body": {"name": "slow"}}, {"body": {"name": "a"}}]
    with requests.post(
        f"{service.url}/things", json=batch, headers={"Accept": NDJSON, "Accept-Encoding": "gzip"}, stream=True, timeout=30
    ) as response:
        coming = response.iter_lines(chunk_size=1)
        assert json.loads(next(coming))["index"] == 1
        target.free.set()
        assert [json.loads(line)["index"] for line in coming] == [0]


def test_a_caller_who_leaves_does_not_stop_the_job(service: BatchService, target: TinyApi) -> None:
    target.free.clear()
    batch = [{"body": {"name": "slow"}}, {"body": {"name": "a"}}]
    with requests.post(f"{service.url}/things", json=batch, headers={"Accept": NDJSON}, stream=True, timeout=30) as response:
        next(response.iter_lines(chunk_size=1))
        job_id = response.headers["Content-Location"].split("/")[-2]
    target.free.set()
    assert service.ended(job_id)["status"] == "succeeded"
