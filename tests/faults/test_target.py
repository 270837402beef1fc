"""The strict target does what it is told, and its ledger says what it did."""

import os
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from local_stack.ports import free_port
from local_stack.process import Process
from tests.faults.ledger import Kind
from tests.faults.submitter import until
from tests.faults.things import Things

_REQUEST = b'POST /v1/things HTTP/1.1\r\nContent-Length: 13\r\n\r\n{"name": "a"}'


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """The target's process; `things` are its other side."""
    (tmp_path / "port").write_text(str(port := free_port()))
    process = Process(Things(tmp_path, port).command(dict(os.environ)), inherited=[], log=tmp_path / "log")
    process.start()
    yield process
    process.kill()


@pytest.fixture
def things(tmp_path: Path, process: Process) -> Things:
    things = Things(tmp_path, int((tmp_path / "port").read_text()))
    assert until(things.is_up, within_s=30)
    return things


def post(things: Things, name: str, *, key: str = "k", collection: str = "things") -> requests.Response:
    url = f"http://127.0.0.1:{things.port}/v1/{collection}"
    return requests.post(url, json={"name": name}, headers={"Idempotency-Key": key}, timeout=2)


def kinds(things: Things) -> Counter[Kind]:
    return Counter(entry.kind for entry in things.ledger())


def test_a_key_is_honoured_where_it_is_known(things: Things) -> None:
    for collection in ("things", "plain"):
        assert {post(things, "a", collection=collection).status_code for _ in range(3)} == {201}
    effects = Counter(entry.collection for entry in things.ledger() if entry.kind is Kind.EFFECT)
    assert effects == {"things": 1, "plain": 3}


def test_a_key_is_still_known_after_a_kill(things: Things, process: Process) -> None:
    post(things, "a")
    process.kill()
    process.start()
    assert until(things.is_up, within_s=30)
    assert post(things, "a").status_code == 201
    assert kinds(things) == {Kind.ARRIVAL: 2, Kind.EFFECT: 1}


def test_a_thing_that_is_put_twice_is_one_effect(things: Things) -> None:
    url = f"http://127.0.0.1:{things.port}/v1/plain/a"
    assert {requests.put(url, json={}, timeout=2).status_code for _ in range(2)} == {201}
    assert kinds(things) == {Kind.ARRIVAL: 2, Kind.EFFECT: 1}


@pytest.mark.parametrize("behaviour", ["no_answer", "half_answer", "hang"])
def test_it_applies_and_does_not_answer(things: Things, behaviour: str) -> None:
    things.behave({behaviour: 1.0}, most=1)
    with pytest.raises(requests.RequestException):
        assert post(things, "a").content is None
    assert kinds(things) == {Kind.ARRIVAL: 1, Kind.FAULT: 1, Kind.EFFECT: 1}
    assert post(things, "a").status_code == 201


def test_it_answers_byte_by_byte(things: Things) -> None:
    things.behave({"drip": 1.0}, most=1)
    with socket.create_connection(("127.0.0.1", things.port), timeout=5) as connection:
        connection.sendall(_REQUEST)
        assert [connection.recv(100) for _ in range(2)] == [b"H", b"T"]
    assert kinds(things) == {Kind.ARRIVAL: 1, Kind.FAULT: 1, Kind.EFFECT: 1}


def test_it_resets_before_it_applies(things: Things) -> None:
    things.behave({"reset_unapplied": 1.0}, most=1)
    with pytest.raises(requests.ConnectionError):
        post(things, "a")
    assert kinds(things) == {Kind.ARRIVAL: 1, Kind.FAULT: 1}


@pytest.mark.parametrize(("behaviour", "code", "after"), [("429", 429, None), ("503_retry_after", 503, "1")])
def test_it_refuses_without_an_effect(things: Things, behaviour: str, code: int, after: str | None) -> None:
    things.behave({behaviour: 1.0}, most=1)
    answer = post(things, "a")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (code, after)
    assert kinds(things) == {Kind.ARRIVAL: 1, Kind.FAULT: 1, Kind.REFUSAL: 1}


def test_it_sends_more_than_anybody_wants(things: Things) -> None:
    things.behave({"endless": 1.0}, most=1)
    with socket.create_connection(("127.0.0.1", things.port), timeout=5) as connection:
        connection.sendall(_REQUEST)
        received = b""
        while len(received) < 2**20:
            received += connection.recv(65_536)
    assert b"Content-Length: 10000000000" in received


def test_it_sends_half_a_json(things: Things) -> None:
    things.behave({"half_json": 1.0}, most=1)
    answer = post(things, "a")
    assert answer.status_code == 201
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_the_same_items_meet_the_fault_for_the_same_seed(things: Things) -> None:
    things.behave({"429": 0.5}, seed=3)
    codes = [post(things, f"n{number}", key=f"k{number}").status_code for number in range(20)]
    things.behave({"429": 0.5}, seed=3, most=1)
    assert set(codes) == {201, 429}
    refused = {entry.name for entry in things.ledger() if entry.kind is Kind.FAULT}
    assert refused == {f"n{number}" for number, code in enumerate(codes) if code == 429}
