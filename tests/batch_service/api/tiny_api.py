"""A small REST API to be batched: things that have a name. Some names make it misbehave."""

import json
import socket
import threading
from itertools import count
from typing import Any

from tests.batch_service.raw_target import Asked, HangUpError, RawTarget, reply


class TinyApi(RawTarget):
    def __init__(self) -> None:
        super().__init__(self._answer)
        self.things: dict[int, dict[str, Any]] = {}
        self.free = threading.Event()
        self._ids = count(1)

    def _answer(self, asked: Asked, connection: socket.socket) -> None:
        body = asked.json() if asked.body else None
        path = asked.path.partition("?")[0].removeprefix("/v1/things").strip("/")
        if path:
            connection.sendall(self._one(asked, path, body))
        elif asked.method == "POST":
            connection.sendall(self._create(body))
        else:
            connection.sendall(reply(200, json.dumps({"things": len(self.things), "asked": asked.path}).encode()))

    def _create(self, body: Any) -> bytes:
        name = body.get("name") if isinstance(body, dict) else None
        match name:
            case None:
                return reply(400, b'{"error": "Missing name"}')
            case "taken":
                return reply(409, b'{"error": "That name is taken"}')
            case "page":
                return reply(200, b"<p>hello</p>", content_type="text/html")
            case "elsewhere":
                return reply(307, b"", headers={"Location": "http://127.0.0.1:9/"})
            case "hang up":
                raise HangUpError
            case "huge":
                return reply(200, b'"' + b"x" * 200_000 + b'"')
            case "slow":
                assert self.free.wait(30)
        number = next(self._ids)
        self.things[number] = body
        headers = {"Location": f"/v1/things/{number}", "ETag": f'"{number}"', "X-Other": "no"}
        return reply(201, json.dumps({"id": number, **body}).encode(), headers=headers)

    def _one(self, asked: Asked, path: str, body: Any) -> bytes:
        number = int(path) if path.isdecimal() else 0
        if number not in self.things:
            return reply(404, b'{"error": "No such thing"}', content_type="application/problem+json")
        if asked.headers.get("if-match", f'"{number}"') != f'"{number}"':
            return reply(412, b'{"title": "Precondition Failed"}')
        if asked.method == "DELETE":
            del self.things[number]
            return b"HTTP/1.1 204 Gone\r\n\r\n"
        if body is not None:
            self.things[number] = {**(self.things[number] if asked.method == "PATCH" else {}), **body}
        text = json.dumps({"id": number, **self.things[number]}).encode()
        return reply(200, text)[: -len(text) if asked.method == "HEAD" else None]
