import socket
import threading

import pytest

from batch_service.domain.attempt import Answered, Fault, MaybeApplied
from tests.batch_service.making import make_entity, make_request
from tests.batch_service.raw_target import Asked, HangUpError, RawTarget, always, reply
from tests.batch_service.sending import Send

JSON = "application/json"


def answered(send: Send, text: bytes, *, method: str = "POST") -> Answered:
    with RawTarget(always(text)) as target:
        body = b"{}" if method in ("POST", "PUT", "PATCH") else None
        entity = make_entity(url=target.url)
        requests = [make_request(n, url=target.url, method=method, body=body) for n in range(2)]
        first, second = send(entity, requests)
        assert isinstance(first, Answered)
        assert isinstance(second, Answered)
        assert (first.status, first.headers, first.body) == (second.status, second.headers, second.body)
        return first


def test_status_headers_and_body_come_back(send: Send) -> None:
    answer = answered(send, reply(201, b'{"id":7}', headers={"Location": "/v1/things/7", "ETag": '"a"'}))
    assert (answer.status, answer.body, answer.content_type) == (201, b'{"id":7}', JSON)
    assert answer.headers["location"] == "/v1/things/7"
    assert answer.headers["etag"] == '"a"'


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(send: Send, status: int) -> None:
    with RawTarget() as elsewhere:
        assert answered(send, reply(status, headers={"Location": elsewhere.url})).status == status
        assert elsewhere.accepted == 0


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nETag: no\r\n\r\n"]
)
def test_interim_answers_are_passed_over(send: Send, interim: bytes) -> None:
    answer = answered(send, interim + interim + reply(201, b"[]"))
    assert (answer.status, answer.body, answer.content_type) == (201, b"[]", JSON)
    assert "etag" not in answer.headers


def test_the_answer_to_a_head_has_no_body_whatever_its_length_says(send: Send) -> None:
    text = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\nETag: x\r\n\r\n"
    answer = answered(send, text, method="HEAD")
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"", "x")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body(send: Send, status: int) -> None:
    answer = answered(send, f"HTTP/1.1 {status} x\r\nETag: y\r\n\r\n".encode(), method="GET")
    assert (answer.status, answer.body) == (status, b"")


def test_a_chunked_answer_with_trailers_keeps_its_headers(send: Send) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    answer = answered(send, head + b"2\r\n[]\r\n0\r\nX-Sum: 1\r\n\r\n")
    assert (answer.content_type, answer.body) == (JSON, b"[]")


def test_a_head_with_bare_line_feeds_is_read(send: Send) -> None:
    answer = answered(send, b"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 2\n\n{}")
    assert (answer.content_type, answer.body) == (JSON, b"{}")


def test_header_values_are_latin_1(send: Send) -> None:
    assert answered(send, reply(headers={"Location": "/caf\xe9"})).headers["location"] == "/caf\xe9"


def test_an_answer_that_ends_with_the_connection(send: Send) -> None:
    def answer(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[1]")
        raise HangUpError

    with RawTarget(answer) as target:
        (outcome,) = send(make_entity(url=target.url), [make_request(url=target.url)])
    assert isinstance(outcome, Answered)
    assert outcome.body == b"[1]"


@pytest.mark.parametrize("declared", [True, False], ids=["with its length", "without"])
def test_an_answer_past_the_cap_is_cut_off(send: Send, declared: bool) -> None:
    """50 MB are offered; what the target gets rid of is what the caps and the sockets' buffers take."""
    sent = 0
    ended = threading.Event()

    def answer(asked: Asked, connection: socket.socket) -> None:
        nonlocal sent
        length = b"Content-Length: 52428800\r\n" if declared else b""
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + length + b"\r\n")
            while sent < 52_428_800:
                sent += connection.send(bytes(65_536))
        finally:
            ended.set()

    with RawTarget(answer) as target:
        entity = make_entity(url=target.url, max_response_bytes=100_000)
        assert send(entity, [make_request(url=target.url)]) == [MaybeApplied(0, Fault.TOO_LARGE)]
        assert ended.wait(10)
    assert sent < 20_000_000


def test_an_answer_of_just_the_cap_is_kept(send: Send) -> None:
    with RawTarget(always(reply(body=b"x" * 1000))) as target:
        kept, cut = (make_entity(url=target.url, max_response_bytes=limit) for limit in (1000, 999))
        (outcome,) = send(kept, [make_request(url=target.url)])
        assert isinstance(outcome, Answered)
        assert len(outcome.body) == 1000
        assert send(cut, [make_request(url=target.url)]) == [MaybeApplied(0, Fault.TOO_LARGE)]
