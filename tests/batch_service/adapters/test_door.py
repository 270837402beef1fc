"""The fast lane: items through their target's batch door, one outcome each, as if they had gone alone."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from batch_service.adapters.door_fan_out import DoorFanOut
from batch_service.adapters.fan_out import LibcurlFanOut
from batch_service.domain.attempt import Answered, Fault, MaybeApplied, NotSent, Outcome, Request
from batch_service.domain.entity import BatchDoor, Entity
from tests.batch_service.door_target import AtDoor, DoorTarget, open_door
from tests.batch_service.making import make_entity, make_request
from tests.batch_service.open_gate import OpenGate
from tests.batch_service.raw_target import Asked, HangUpError, RawTarget, reply
from tests.batch_service.sending import collect_all
from tests.batch_service.waiting import eventually


@pytest.fixture
def target() -> Iterator[DoorTarget]:
    with DoorTarget() as target:
        yield target


def entity_of(target: DoorTarget, *, max_items: int = 4, has_keys: bool = True, **values: Any) -> Entity:
    door = BatchDoor("/batch", max_items, has_keys)
    return make_entity(**{"url": target.url, "door": door, "idempotent_writes": True, "concurrency": 2, **values})


def request(target: DoorTarget, index: int, body: object = None, **values: Any) -> Request:
    content = json.dumps(body or {"name": f"n{index}"}).encode()
    headers = {"idempotency-key": f"key-{index:05}", **values.pop("headers", {})}
    return make_request(index, **{"url": target.url, "body": content, **values}, **headers)


def send(target: DoorTarget, *requests: Request, entity: Entity | None = None) -> dict[int, Outcome]:
    exchange = DoorFanOut(LibcurlFanOut(OpenGate())).open(entity or entity_of(target))
    exchange.send(requests)
    return collect_all(exchange, len(requests))


def statuses(outcomes: dict[int, Outcome]) -> list[int]:
    return [outcome.status for _, outcome in sorted(outcomes.items()) if isinstance(outcome, Answered)]


def test_many_go_together_and_each_has_its_own_answer(target: DoorTarget) -> None:
    bodies = [{"name": "Ana"}, {"nome": "Diego"}, {"name": "紅"}]
    outcomes = send(target, *[request(target, index, body) for index, body in enumerate(bodies)])
    assert outcomes == {
        0: Answered(0, 201, "application/json", {"location": "/v1/things/Ana"}, b'{"name": "Ana"}'),
        1: Answered(1, 400, "application/json", {}, b'{"error": "Missing name"}'),
        2: Answered(2, 201, "application/json", {"location": "/v1/things/紅"}, rb'{"name": "\u7d05"}'),
    }
    assert target.groups == [[{"idempotencyKey": f"key-{index:05}", "body": body} for index, body in enumerate(bodies)]]


def test_they_go_in_as_many_requests_as_the_door_needs(target: DoorTarget) -> None:
    assert statuses(send(target, *[request(target, index) for index in range(10)])) == [201] * 10
    assert sorted(len(group) for group in target.groups) == [2, 4, 4]
    assert target.alone == []


def test_a_door_without_keys_takes_bare_bodies(target: DoorTarget) -> None:
    entity = entity_of(target, has_keys=False, idempotent_writes=False)
    assert statuses(send(target, request(target, 0), request(target, 1), entity=entity)) == [201, 201]
    assert target.groups == [[{"name": "n0"}, {"name": "n1"}]]


def test_the_senders_credential_goes_through_the_door_too(target: DoorTarget) -> None:
    headers = {"authorization": "Bearer token"}
    assert statuses(send(target, *[request(target, n, headers=headers) for n in range(3)])) == [201] * 3
    (asked,) = target.asked
    assert (asked.headers["authorization"], len(asked.json())) == ("Bearer token", 3)


def test_what_the_door_has_no_place_for_goes_alone(target: DoorTarget) -> None:
    odd = [
        request(target, 0, headers={"if-match": '"1"'}),
        request(target, 1, method="PUT"),
        request(target, 2, url=f"{target.url}/7"),
        request(target, 3, method="GET", body=None),
        request(target, 4, url=f"{target.url}?dry=true"),
    ]
    assert len(statuses(send(target, *odd, request(target, 5)))) == 6
    assert [len(group) for group in target.groups] == [1]


@pytest.mark.parametrize("status", [404, 405, 415])
def test_where_there_is_no_door_they_go_alone(target: DoorTarget, status: int) -> None:
    target.at_door = lambda _: reply(status)
    fan_out, entity = DoorFanOut(LibcurlFanOut(OpenGate())), entity_of(target)
    for first in (0, 4):
        exchange = fan_out.open(entity)
        exchange.send([request(target, first + index) for index in range(4)])
        assert statuses(collect_all(exchange, 4)) == [201] * 4
    assert (len(target.groups), len(target.alone)) == (1, 8), "it is not tried again and again"


def test_a_door_that_is_too_small_is_sent_less(target: DoorTarget) -> None:
    target.at_door = lambda items: open_door(items) if len(items) <= 3 else reply(413)
    entity = entity_of(target, max_items=16)
    assert statuses(send(target, *[request(target, index) for index in range(16)], entity=entity)) == [201] * 16
    assert (max(map(len, target.groups[-4:])), target.alone) == (2, [])


def test_one_item_that_is_too_large_for_the_door_goes_alone(target: DoorTarget) -> None:
    target.at_door = lambda _: reply(413)
    assert statuses(send(target, *[request(target, index) for index in range(3)])) == [201] * 3
    assert len(target.alone) == 3


@pytest.mark.parametrize("status", [400, 422])
def test_a_door_that_refuses_the_whole_spoils_nothing(target: DoorTarget, status: int) -> None:
    target.at_door = lambda _: reply(status)
    assert statuses(send(target, request(target, 0), request(target, 1))) == [201, 201]


@pytest.mark.parametrize(("has_keys", "codes", "alone"), [(True, [201, 201], 2), (False, [500, 500], 0)])
def test_an_item_that_breaks_the_door_spoils_no_other_that_may_be_sent_again(
    target: DoorTarget, has_keys: bool, codes: list[int], alone: int
) -> None:
    target.at_door = lambda _: reply(500)
    entity = entity_of(target, has_keys=has_keys, idempotent_writes=has_keys)
    assert statuses(send(target, request(target, 0), request(target, 1), entity=entity)) == codes
    assert len(target.alone) == alone


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_what_is_said_to_all_is_said_to_each(target: DoorTarget, status: int) -> None:
    target.at_door = lambda _: reply(status, b'{"error":"no"}', headers={"Retry-After": "7"})
    outcomes = send(target, request(target, 0), request(target, 1))
    assert statuses(outcomes) == [status, status]
    assert [getattr(outcome, "headers", {}).get("retry-after") for outcome in outcomes.values()] == ["7", "7"]
    assert target.alone == []


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b"{}",
        b"null",
        b"[1, 2]",
        b'[{"responseCode":"201"},{"responseCode":"201"}]',
        b"[" * 100_000,
        b"[",
    ],
)
def test_an_answer_that_makes_no_sense_leaves_each_in_doubt(target: DoorTarget, answer: bytes) -> None:
    target.at_door = lambda _: reply(200, answer)
    assert send(target, request(target, 0), request(target, 1)) == {
        0: MaybeApplied(0, Fault.BROKEN),
        1: MaybeApplied(1, Fault.BROKEN),
    }


@pytest.mark.parametrize(
    "odd", ["7", "null", '{"responseCode":"x","responseBody":null}', '{"responseCode":"102","responseBody":null}', "{}"]
)
def test_a_result_that_makes_no_sense_leaves_its_item_alone_in_doubt(target: DoorTarget, odd: str) -> None:
    target.at_door = lambda _: reply(200, f'[{odd},{{"responseCode":"201","responseBody":null}}]'.encode())
    outcomes = send(target, request(target, 0), request(target, 1))
    assert outcomes == {0: MaybeApplied(0, Fault.BROKEN), 1: Answered(1, 201, "application/json", {}, b"")}


@pytest.mark.parametrize("body", ['{"n":123456789012345678901234567890}', '{"s":"\\ud800"}', '{"s":"紅"}', "[1.5,true,null]"])
def test_a_body_comes_back_as_it_was_sent(target: DoorTarget, body: str) -> None:
    target.at_door = lambda _: reply(200, f'[{{"responseCode":"201","responseBody":{body}}}]'.encode())
    outcome = send(target, request(target, 0))[0]
    assert isinstance(outcome, Answered)
    assert outcome.body == body.encode()


def test_a_broken_connection_leaves_each_in_doubt(target: DoorTarget) -> None:
    def hang_up(_: object) -> bytes:
        raise HangUpError

    target.at_door = hang_up
    assert set(send(target, request(target, 0), request(target, 1)).values()) == {
        MaybeApplied(0, Fault.BROKEN),
        MaybeApplied(1, Fault.BROKEN),
    }


def test_a_target_that_is_away_was_sent_nothing(target: DoorTarget) -> None:
    target.stop_listening()
    outcomes = send(target, request(target, 0), request(target, 1))
    assert all(isinstance(outcome, NotSent) for outcome in outcomes.values())


def test_what_has_not_left_can_be_taken_back(target: DoorTarget) -> None:
    exchange = DoorFanOut(LibcurlFanOut(OpenGate())).open(entity_of(target, max_items=2, rate_per_s=0.01, concurrency=1))
    exchange.send([request(target, index) for index in range(6)])
    eventually(lambda: target.groups)
    assert sorted(exchange.recall()) == [2, 3, 4, 5]
    assert statuses(collect_all(exchange, 2)) == [201, 201]


@pytest.mark.parametrize("refuses", [lambda _: reply(404), lambda _: reply(413)])
def test_nothing_more_leaves_once_the_rest_was_taken_back(target: DoorTarget, refuses: AtDoor) -> None:
    exchange = DoorFanOut(LibcurlFanOut(OpenGate())).open(entity_of(target))
    exchange.send([request(target, 0), request(target, 1)])
    eventually(lambda: target.groups)
    target.at_door = refuses
    exchange.send([request(target, 2), request(target, 3)])
    eventually(lambda: len(target.groups) == 2)
    assert exchange.recall() == []
    outcomes = collect_all(exchange, 4)
    assert [outcomes[index] for index in (2, 3)] == [NotSent(2, Fault.BROKEN), NotSent(3, Fault.BROKEN)]
    assert target.alone == []


class ArrayTarget(RawTarget):
    """A collection whose POST takes an array, and nothing else."""

    def __init__(self) -> None:
        super().__init__(self._respond)
        self.at_door: AtDoor = open_door

    def _respond(self, asked: Asked, connection: socket.socket) -> None:
        is_array = asked.method == "POST" and isinstance(asked.json(), list)
        connection.sendall(self.at_door(asked.json()) if is_array else reply(422 if asked.method == "POST" else 200))

    @property
    def sent(self) -> list[Any]:
        return [asked.json() if asked.body else asked.method for asked in self.asked]


@pytest.fixture
def array_target() -> Iterator[ArrayTarget]:
    with ArrayTarget() as target:
        yield target


def send_arrays(target: ArrayTarget, *requests: Request, max_items: int = 4) -> dict[int, Outcome]:
    entity = make_entity(url=target.url, door=BatchDoor("", max_items, has_keys=False), concurrency=1)
    exchange = DoorFanOut(LibcurlFanOut(OpenGate())).open(entity)
    exchange.send(requests)
    return collect_all(exchange, len(requests))


def to_array(target: ArrayTarget, index: int, **values: Any) -> Request:
    content = json.dumps({"name": f"n{index}"}).encode()
    headers = {"idempotency-key": f"key-{index:05}", **values.pop("headers", {})}
    return make_request(index, **{"url": target.url, "body": content, **values}, **headers)


def test_a_collection_that_takes_arrays_is_sent_nothing_else(array_target: ArrayTarget) -> None:
    requests = [
        *(to_array(array_target, index) for index in range(5)),
        to_array(array_target, 5, headers={"accept-language": "pt"}),
        to_array(array_target, 6, url=f"{array_target.url}?dry=true"),
        to_array(array_target, 7, method="GET", body=None),
    ]
    outcomes = send_arrays(array_target, *requests)
    assert statuses(outcomes) == [201] * 7 + [200]
    assert sorted(map(len, (sent for sent in array_target.sent if sent != "GET"))) == [1, 1, 1, 4]
    assert {asked.headers.get("accept-language") for asked in array_target.asked} == {None, "pt"}
    assert sum(asked.path.endswith("?dry=true") for asked in array_target.asked) == 1


@pytest.mark.parametrize("status", [400, 404, 422])
def test_an_array_that_is_refused_goes_as_arrays_of_one(array_target: ArrayTarget, status: int) -> None:
    array_target.at_door = lambda items: open_door(items) if len(items) == 1 else reply(status)
    assert statuses(send_arrays(array_target, *[to_array(array_target, index) for index in range(3)])) == [201] * 3
    assert list(map(len, array_target.sent)) == [3, 1, 1, 1]


@pytest.mark.parametrize("status", [400, 404, 413, 422, 500])
def test_what_an_array_of_one_is_refused_with_is_its_items_own(array_target: ArrayTarget, status: int) -> None:
    array_target.at_door = lambda _: reply(status, b'{"error":"no"}')
    outcome = send_arrays(array_target, to_array(array_target, 0))[0]
    assert isinstance(outcome, Answered)
    assert (outcome.status, outcome.body) == (status, b'{"error":"no"}')
    assert len(array_target.sent) == 1
