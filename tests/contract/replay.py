"""Conversations that were recorded once, had again with the services of today.

A recording is a YAML file of exchanges: the request as it was sent, and what the client that sent it relies on in the answer.
A name in braces, as {userId}, stands for what an earlier answer had in its place. What an answer says beyond that is not looked
at: a client does not look either.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.batch_service.waiting import eventually
from tests.contract.http_bytes import Answer, ask

Json = Any
FOLDER = Path(__file__).resolve().parent / "recordings"
_PLACE = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Exchange:
    """One request, and what is relied on in its answer."""

    name: str
    request: str
    relies_on: Json
    is_repeated: bool = False
    """The client asks again until the answer is as it waits for."""


def read(name: str) -> list[Exchange]:
    exchanges = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return [Exchange(each["name"], each["request"], each["relies_on"], each.get("repeated", False)) for each in exchanges]


def replay(name: str, port: int, **known: str) -> None:
    """Have a recorded conversation with a service; raise AssertionError where a client would be let down."""
    for exchange in read(name):
        asked: list[Answer] = []

        def answers_as_before(exchange: Exchange = exchange, asked: list[Answer] = asked) -> bool:
            asked.append(ask(port, _bytes(exchange.request, {**known, "port": str(port)})))
            return not differences(exchange.relies_on, asked[-1], dict(known))

        if exchange.is_repeated:
            eventually(answers_as_before, within_s=60)
        else:
            answers_as_before()
        assert differences(exchange.relies_on, asked[-1], known) == [], (name, exchange.name, asked[-1])


def differences(relies_on: Json, answer: Answer, known: dict[str, str]) -> list[str]:
    """Say in what an answer is not as a client needs it; learn what stands where the recording has a name."""
    found = [] if answer.status == relies_on["status"] else [f"status {answer.status}"]
    for header, value in relies_on.get("headers", {}).items():
        found += _compare(value, answer.headers.get(header.lower()), header, known)
    if not found and "body" in relies_on:
        found += _compare(relies_on["body"], answer.json() if answer.body else None, "body", known)
    return found


def _compare(wanted: Json, got: Json, place: str, known: dict[str, str]) -> list[str]:
    if isinstance(wanted, dict) and isinstance(got, dict):
        return [fault for name in wanted for fault in _compare(wanted[name], got.get(name), f"{place}.{name}", known)]
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        pairs = zip(wanted, got, strict=True)
        return [fault for index, pair in enumerate(pairs) for fault in _compare(*pair, f"{place}[{index}]", known)]
    if isinstance(wanted, str) and isinstance(got, str):
        return [] if _fits(wanted, got, known) else [f"{place} is {got!r}, not {wanted!r}"]
    return [] if type(wanted) is type(got) and wanted == got else [f"{place} is {got!r}, not {wanted!r}"]


def _fits(wanted: str, got: str, known: dict[str, str]) -> bool:
    """Compare texts; each name in braces is any text the first time, and the same again later."""
    pattern, seen = "", set()
    for number, part in enumerate(_PLACE.split(wanted)):
        if number % 2 == 0:
            pattern += re.escape(part)
        elif part in known:
            pattern += re.escape(known[part])
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>.+)"
            seen.add(part)
    found = re.fullmatch(pattern, got)
    if found:
        known.update(found.groupdict())
    return found is not None


def _bytes(request: str, known: Mapping[str, str]) -> bytes:
    """Write a request as it went: lines end as HTTP's do, and the body has the length that it has with what stands in it."""
    filled = re.sub(r"{(\w+)}", lambda place: known.get(place[1], place[0]), request)
    head, _, body = filled.partition("\n\n")
    content = body.rstrip("\n").encode()
    head = re.sub(r"(?im)^content-length: .*$", f"Content-Length: {len(content)}", head)
    return head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + content
