"""Every answer that a test gets from either service is held to its contract document, by whatever client it asks.

The folders of tests that speak to a service switch it on in their `conftest.py`.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import requests
import yaml
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

Json = Any
CONTRACTS = Path(__file__).resolve().parent.parent / "openapi"
_DOCUMENTS = {
    re.compile(r"(/v1)?/batch(?=/|$)"): ("batch.v1.yaml", "/v1/batch"),
    re.compile(r"(/v1)?/users(?=/|$)"): ("users.v1.yaml", "/v1/users"),
    re.compile(r"/v2/users(?=/|$)"): ("users.v2.yaml", "/v2/users"),
}
_JSON_TYPES = ("application/json", "application/problem+json")
# Said by the server or by the layer that packs answers, whatever the operation.
_OF_HTTP = {"date", "server", "connection", "keep-alive", "content-type", "content-length", "content-encoding"}
_OF_HTTP |= {"transfer-encoding", "vary", "allow"}


class OffContractError(AssertionError):
    """A service answered something that its contract does not say."""


@cache
def document(name: str) -> Json:
    """Read a contract; every object in it that names its members has no others, so that none is left out of the contract."""
    return _strict(yaml.safe_load((CONTRACTS / name).read_text()))


def check(method: str, url: str, status: int, headers: Mapping[str, str] | Headers, body: bytes | None) -> None:
    """Raise OffContractError unless this is an answer that the contract of its service knows; without a body, heads alone."""
    found = _find(method, urlsplit(url).path)
    if found is None:
        return
    name, operation = found
    place = f"{method} {url} was answered {status}, which {name}"
    contract = document(name)
    declared = operation["responses"].get(str(status))
    if declared is None:
        raise OffContractError(f"{place} does not declare: {_shown(body)}")
    answer = _resolve(contract, declared)
    _check_headers(contract, answer, headers, place)
    content = answer.get("content", {})
    media_type = headers.get("Content-Type", "").partition(";")[0]
    if media_type not in content and (content or body):
        raise OffContractError(f"{place} does not declare as {media_type or 'nothing'}: {_shown(body)}")
    if body and media_type in _JSON_TYPES:
        _check_body(name, content[media_type]["schema"], body, place)


def watch(monkeypatch: pytest.MonkeyPatch, *services: str) -> None:
    """Look at every answer of these services that `requests` and Flask's own client bring, for as long as a test runs."""
    send, open_ = requests.Session.send, FlaskClient.open

    def checked_send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer = send(session, request, **options)
        body = None if options.get("stream") else answer.content
        if _service_of(str(request.url)) in services:
            check(str(request.method), str(request.url), answer.status_code, answer.headers, body)
        return answer

    def checked_open(client: FlaskClient, *args: Any, **options: Any) -> TestResponse:
        answer = open_(client, *args, **options)
        body = None if answer.is_streamed else answer.get_data()
        if _service_of(answer.request.path) in services:
            check(answer.request.method, answer.request.path, answer.status_code, answer.headers, body)
        return answer

    monkeypatch.setattr(requests.Session, "send", checked_send)
    monkeypatch.setattr(FlaskClient, "open", checked_open)


def _service_of(url: str) -> str | None:
    path = urlsplit(url).path
    return next((name.partition(".")[0] for pattern, (name, _) in _DOCUMENTS.items() if pattern.match(path)), None)


def _find(method: str, path: str) -> tuple[str, Json] | None:
    """Find the document and the operation of a call; None for one that no contract describes."""
    for pattern, (name, collection) in _DOCUMENTS.items():
        if found := pattern.match(path):
            versioned = collection + path[found.end() :]
            for template, operation in _operations(name, method.lower()):
                if template.fullmatch(versioned):
                    return name, operation
    return None


@cache
def _operations(name: str, method: str) -> list[tuple[re.Pattern[str], Json]]:
    """The operations of a method, those with fewer variables in their path first."""
    paths = document(name)["paths"]
    templates = sorted((path.count("{"), path) for path, item in paths.items() if method in item)
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), paths[path][method]) for _, path in templates]


def _check_headers(contract: Json, answer: Json, headers: Mapping[str, str] | Headers, place: str) -> None:
    declared = {name.lower(): _resolve(contract, header) for name, header in answer.get("headers", {}).items()}
    sent = {name.lower(): value for name, value in headers.items()}
    if unknown := sorted(sent.keys() - declared.keys() - _OF_HTTP):
        raise OffContractError(f"{place} declares without {', '.join(unknown)}")
    for name, header in declared.items():
        if name not in sent:
            if header.get("required"):
                raise OffContractError(f"{place} declares with {name}, which is not there")
            continue
        schema = header["schema"]
        value: Json = int(sent[name]) if schema.get("type") == "integer" and sent[name].isdecimal() else sent[name]
        if not jsonschema_rs.is_valid(schema, value):
            raise OffContractError(f"{place} declares with another {name} than {sent[name]!r}")


def _check_body(name: str, schema: Json, body: bytes, place: str) -> None:
    content = json.loads(body)
    validator = _validator(name, json.dumps(schema))
    faults = [f"{fault.instance_path}: {fault.message[:300]}" for fault in validator.iter_errors(content)]
    if faults:
        raise OffContractError(f"{place} declares otherwise: {'; '.join(faults[:3])}")


@cache
def _validator(name: str, schema: str) -> Any:
    whole = {**json.loads(schema), "components": document(name)["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _resolve(contract: Json, node: Json) -> Json:
    while "$ref" in node:
        target = contract
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _strict(node: Json) -> Json:
    if isinstance(node, list):
        return [_strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    strict = {key: _strict(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and "type" in node:
        strict.setdefault("additionalProperties", False)
    return strict


def _shown(body: bytes | None) -> str:
    return (body or b"").decode(errors="replace")[:300]
