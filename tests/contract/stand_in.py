"""A target made of a contract document and nothing else.

The servers of this kind that there are (Prism above all) need Node.js, and those from PyPI either know no OpenAPI 3.1 or answer
without a look at what was sent. This one refuses a body that its schema does not allow and answers else with the document's own
example, with what was sent in the place of the example's members.
"""

import json
import re
import socket
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from tests.batch_service.raw_target import Asked, RawTarget, reply

Json = Any


class StandIn(RawTarget):
    """Answers what a contract says."""

    def __init__(self, contract: Path) -> None:
        super().__init__(self._respond)
        self._document = yaml.safe_load(contract.read_text())

    def _respond(self, asked: Asked, connection: socket.socket) -> None:
        operation = self._operation(asked.method.lower(), asked.path.partition("?")[0])
        if operation is None:
            connection.sendall(self._problem("NOT_FOUND", 404))
            return
        media_type = asked.headers.get("content-type", "").partition(";")[0]
        content = operation.get("requestBody", {}).get("content", {})
        if content and media_type not in content:
            connection.sendall(self._problem("UNSUPPORTED_MEDIA_TYPE", 415))
            return
        schema = content[media_type]["schema"] if content else {}
        body: Json = asked.json() if asked.body else None
        status, example = _success(operation)
        if isinstance(example, list):  # a door for many: each is answered for itself
            results = [self._result(each, schema["items"], example) for each in body]
            connection.sendall(reply(status, json.dumps(results).encode()))
        elif not self._allows(schema, body):
            connection.sendall(self._problem("BAD_REQUEST", 400))
        else:
            answer = b"" if example is None else json.dumps(_with_own(example, body)).encode()
            connection.sendall(reply(status, answer))

    def _operation(self, method: str, path: str) -> Json | None:
        for template in sorted(self._document["paths"], key=lambda path: path.count("{")):
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
                return self._document["paths"][template].get(method)
        return None

    def _allows(self, schema: Json, body: Json) -> bool:
        whole = {**schema, "components": self._document["components"]}
        return bool(jsonschema_rs.is_valid(whole, body))

    def _result(self, item: Json, schema: Json, examples: list[Json]) -> Json:
        allowed = self._allows(schema, item)
        example = next(each for each in examples if (each["responseCode"] < "400") == allowed)
        sent = item.get("body", item) if allowed else None
        return {**example, "responseBody": _with_own(example["responseBody"], sent)}

    def _problem(self, name: str, status: int) -> bytes:
        content = self._document["components"]["responses"][name]["content"]["application/problem+json"]
        return reply(status, json.dumps(content["example"]).encode(), content_type="application/problem+json")


def _success(operation: Json) -> tuple[int, Json]:
    status = min(status for status in operation["responses"] if status.startswith("2"))
    content = operation["responses"][status].get("content", {})
    return int(status), content.get("application/json", {}).get("example")


def _with_own(example: Json, sent: Json) -> Json:
    own = {name: value for name, value in sent.items() if name in example} if isinstance(sent, dict) else {}
    return {**example, **own}
