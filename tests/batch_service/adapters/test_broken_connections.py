import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent
from tests.batch_service.making import make_entity, make_request
from tests.batch_service.raw_target import Asked, HangUpError, RawTarget, always, reply
from tests.batch_service.sending import Send

WRITES = ["POST", "PUT", "PATCH"]


def hang_up(asked: Asked, connection: socket.socket) -> None:
    raise HangUpError


def hang_up_on_second(asked: Asked, connection: socket.socket) -> None:
    """Answer a warm-up; close the kept-alive connection on the next request, as a server that restarts does."""
    if not asked.path.endswith("/warm-up"):
        raise HangUpError
    connection.sendall(reply())


def say_then_hang_up(text: bytes) -> RawTarget:
    def answer(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(text)
        raise HangUpError

    return RawTarget(answer)


@pytest.mark.parametrize("body", [b'{"n":1}', None], ids=["body", "no body"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_write_that_meets_a_closing_connection_is_sent_once_and_maybe_applied(
    send: Send, method: str, body: bytes | None
) -> None:
    with RawTarget(hang_up_on_second) as target:
        entity = make_entity(url=target.url, concurrency=1)
        (warm,) = send(entity, [make_request(url=f"{target.url}/warm-up")])
        assert isinstance(warm, Answered)
        (outcome,) = send(entity, [make_request(1, url=target.url, method=method, body=body)])
        assert outcome == MaybeApplied(1, Fault.BROKEN)
        assert [asked.method for asked in target.asked[1:]] == [method]


@pytest.mark.parametrize("method", WRITES)
def test_a_connection_that_was_closed_while_it_was_idle_costs_no_second_sending(send: Send, method: str) -> None:
    with RawTarget() as target:
        entity = make_entity(url=target.url, concurrency=1)
        send(entity, [make_request(url=f"{target.url}/warm-up")])
        target.close_connections()
        (outcome,) = send(entity, [make_request(1, url=target.url, method=method)])
        assert len(target.asked) - 1 == (1 if isinstance(outcome, Answered) else 0)
        assert not isinstance(outcome, NotSent)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nContent-Length: no number\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"{}",
    ],
)
def test_half_an_answer_or_none_at_all_is_maybe_applied(send: Send, text: bytes) -> None:
    with say_then_hang_up(text) as target:
        entity = make_entity(url=target.url)
        assert send(entity, [make_request(url=target.url)]) == [MaybeApplied(0, Fault.BROKEN)]
        assert len(target.asked) == 1


def test_a_connection_that_is_closed_as_it_is_accepted_is_maybe_applied(send: Send) -> None:
    with RawTarget(on_accept=lambda connection: connection.shutdown(socket.SHUT_RDWR)) as target:
        entity = make_entity(url=target.url)
        assert send(entity, [make_request(url=target.url)]) == [MaybeApplied(0, Fault.BROKEN)]


def test_a_reset_in_the_middle_of_the_body_is_maybe_applied(send: Send) -> None:
    def answer(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise HangUpError

    with RawTarget(answer) as target:
        assert send(make_entity(url=target.url), [make_request(url=target.url)]) == [MaybeApplied(0, Fault.BROKEN)]


def test_a_refused_connection_is_not_sent_whatever_came_before_on_the_handle(send: Send) -> None:
    with RawTarget(always(reply(headers={"Connection": "close"}))) as target:
        entity = make_entity(url=target.url, concurrency=1)
        assert isinstance(send(entity, [make_request(url=target.url)])[0], Answered)
        target.stop_listening()
        assert send(entity, [make_request(1, url=target.url)]) == [NotSent(1, Fault.UNREACHABLE)]


def test_a_name_that_does_not_resolve_is_not_sent(send: Send) -> None:
    entity = make_entity(url="http://nowhere.invalid/v1/things", timeout_s=5.0)
    (outcome,) = send(entity, [make_request(url=entity.url)])
    assert isinstance(outcome, NotSent)


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue is full, so that a new connection waits for ever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for one in waiting:
            one.close()


def test_a_connection_that_never_comes_is_not_sent(send: Send, full_port: int) -> None:
    entity = make_entity(url=f"http://127.0.0.1:{full_port}/v1/things", timeout_s=0.2)
    assert send(entity, [make_request(url=entity.url)]) == [NotSent(0, Fault.TIMED_OUT)]


def test_a_target_that_hangs_is_timed_out_and_its_neighbours_are_not(send: Send) -> None:
    free = threading.Event()

    def answer(asked: Asked, connection: socket.socket) -> None:
        if asked.path.endswith("/hang"):
            free.wait(10)
            raise HangUpError
        connection.sendall(reply())

    with RawTarget(answer) as target:
        entity = make_entity(url=target.url, concurrency=2, timeout_s=0.3)
        paths = ["/hang", *[""] * 20]
        outcomes = send(entity, [make_request(n, url=target.url + path) for n, path in enumerate(paths)])
        free.set()
    assert outcomes[0] == MaybeApplied(0, Fault.TIMED_OUT)
    assert all(isinstance(outcome, Answered) for outcome in outcomes[1:])


def test_a_target_that_drips_is_timed_out(send: Send) -> None:
    free = threading.Event()

    def answer(asked: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not free.wait(0.02):
            connection.sendall(b".")

    with RawTarget(answer) as target:
        entity = make_entity(url=target.url, timeout_s=0.3)
        assert send(entity, [make_request(url=target.url)]) == [MaybeApplied(0, Fault.TIMED_OUT)]
        free.set()


@pytest.mark.parametrize("cut", [19, 30, 55])
def test_a_connection_that_broke_off_in_a_head_is_not_used_again(send: Send, cut: int) -> None:
    """libcurl takes the half of a head for the whole of one, and would send the next write into a connection that is gone."""
    whole = reply(201, b'{"name": "a name"}')

    def answer(asked: Asked, connection: socket.socket) -> None:
        if len(target.asked) == 8:
            connection.sendall(whole[:cut])
            raise HangUpError
        connection.sendall(whole)

    with RawTarget(answer) as target:
        entity = make_entity(url=target.url, concurrency=1)
        outcomes = send(entity, [make_request(index, url=target.url) for index in range(20)])
    doubtful = [outcome.index for outcome in outcomes if isinstance(outcome, MaybeApplied)]
    assert doubtful == [7]
    assert sum(isinstance(outcome, Answered) for outcome in outcomes) >= 18
