"""What only a real server and a raw socket can show."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.batch_service.processes import BatchService
from tests.batch_service.raw_target import RawTarget

LIMIT = 200_000
BATCH = json.dumps([{"body": {"name": "a"}}]).encode()
HEAD = "POST /v1/batch/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def target() -> Iterator[RawTarget]:
    with RawTarget() as target:
        yield target


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, target: RawTarget) -> Iterator[BatchService]:
    folder = tmp_path_factory.mktemp("service")
    registry = f'[entities.things]\nurl = "{target.url}"\n'
    with BatchService(
        folder, f"sqlite:///{folder}/batch.db", registry, MAX_BODY_BYTES=LIMIT, MAX_STREAM_BYTES=LIMIT
    ) as service:
        yield service


def say(service: BatchService, *parts: str | bytes) -> tuple[int, str]:
    """Send these bytes and no more; return the status of the answer, and the answer."""
    answer = b""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        with suppress(OSError):  # it may have answered before it read everything
            for part in parts:
                connection.sendall(part.encode("latin-1") if isinstance(part, str) else part)
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while part := connection.recv(65_536):
                answer += part
    text = answer.decode("latin-1")
    return int(text.split(" ")[1]) if text else 0, text


def chunked(*chunks: bytes) -> bytes:
    return b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in (*chunks, b""))


@pytest.fixture
def refused(service: BatchService, target: RawTarget) -> Iterator[None]:
    """Nothing is sent to the target, and the service goes on as before."""
    before = len(target.asked)
    yield
    assert len(target.asked) == before
    assert service.post("things", json.loads(BATCH)).json()[0]["responseCode"] == "200"


def test_a_chunked_body_is_read(service: BatchService) -> None:
    status, answer = say(service, HEAD, "Transfer-Encoding: chunked\r\n\r\n", chunked(BATCH[:5], BATCH[5:]))
    assert status == 200
    assert '"responseCode":"200"' in answer


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("filler", [b" ", b"[", b'"'])
def test_a_chunked_body_past_the_limit_is_refused(service: BatchService, filler: bytes) -> None:
    pieces = chunked(BATCH[:-1], *[filler * 50_000] * 20, b"]")
    status, answer = say(service, HEAD, "Transfer-Encoding: chunked\r\n\r\n", pieces)
    assert status == 413
    assert "application/problem+json" in answer
    assert '"code":"request_entity_too_large"' in answer


@pytest.mark.usefixtures("refused")
def test_a_body_that_is_declared_past_the_limit_is_refused_before_it_comes(service: BatchService) -> None:
    status, answer = say(service, HEAD, f"Content-Length: {LIMIT + 1}\r\n\r\n", BATCH)
    assert status == 413
    assert "application/problem+json" in answer


@pytest.mark.usefixtures("refused")
def test_a_length_that_says_too_little_cuts_the_body_short(service: BatchService) -> None:
    status, answer = say(service, HEAD, f"Content-Length: {len(BATCH) - 1}\r\n\r\n", BATCH)
    assert status == 400
    assert '"code":"invalid_json"' in answer


@pytest.mark.usefixtures("refused")
def test_a_length_that_says_too_much_is_no_batch(service: BatchService) -> None:
    status, _ = say(service, HEAD, f"Content-Length: {len(BATCH) + 1}\r\n\r\n", BATCH)
    assert status == 400


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize(
    "framing",
    [
        f"Content-Length: {len(BATCH)}\r\nTransfer-Encoding: chunked\r\n",
        f"Transfer-Encoding: chunked\r\nContent-Length: {len(BATCH)}\r\n",
        f"Content-Length: {len(BATCH)}\r\nContent-Length: {len(BATCH) + 1}\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x10\r\n",
        f"Content-Length: +{len(BATCH)}\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        f"Content-Length : {len(BATCH)}\r\n",
        "X: a\0b\r\nContent-Length: 2\r\n",
    ],
)
def test_framing_that_two_servers_could_read_in_two_ways_is_refused(service: BatchService, framing: str) -> None:
    status, _ = say(service, HEAD, framing, "\r\n", BATCH)
    assert status in (400, 501)


@pytest.mark.usefixtures("refused")
def test_headers_without_end_are_refused(service: BatchService) -> None:
    status, _ = say(
        service,
        HEAD,
        *[f"X-{number}: {number}\r\n" for number in range(10_000)],
        f"Content-Length: {len(BATCH)}\r\n\r\n",
        BATCH,
    )
    assert status in (400, 431)


@pytest.mark.usefixtures("refused")
def test_a_body_packed_in_another_way_is_refused_unread(service: BatchService) -> None:
    status, answer = say(service, HEAD, f"Content-Encoding: br\r\nContent-Length: {len(BATCH)}\r\n\r\n", BATCH)
    assert status == 415
    assert '"code":"unsupported_media_type"' in answer


def test_headers_of_the_sender_do_not_reach_the_target(service: BatchService, target: RawTarget) -> None:
    outer = "X-Real-IP: 1.2.3.4\r\nX_Real_IP: 1.2.3.4\r\nx-forwarded-for: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\n"
    outer += "Connection: x-tenant\r\nX-Tenant: a\r\nCookie: a=b\r\n"
    head = HEAD.replace("Connection: close\r\n", outer)
    assert say(service, head, f"Content-Length: {len(BATCH)}\r\n\r\n", BATCH)[0] == 200
    assert set(target.asked[-1].headers) == {
        "host",
        "user-agent",
        "accept",
        "content-type",
        "content-length",
        "idempotency-key",
    }
