"""A target with a batch door: things that have a name, alone or many at once."""

import json
import socket
from collections.abc import Callable
from typing import Any

from tests.batch_service.raw_target import Asked, RawTarget, reply

AtDoor = Callable[[list[Any]], bytes]


def result_of(body: Any) -> dict[str, Any]:
    if "name" not in body:
        return {"responseCode": "400", "responseBody": {"error": "Missing name"}}
    headers = {"Location": f"/v1/things/{body['name']}"}
    return {"responseCode": "201", "responseBody": {"name": body["name"]}, "responseHeaders": headers}


def open_door(items: list[Any]) -> bytes:
    return reply(200, json.dumps([result_of(item.get("body", item)) for item in items]).encode())


class DoorTarget(RawTarget):
    """`at_door` answers what comes to the door; single things are always taken."""

    def __init__(self, at_door: AtDoor = open_door) -> None:
        super().__init__(self._respond)
        self.at_door = at_door

    def _respond(self, asked: Asked, connection: socket.socket) -> None:
        if asked.path.endswith("/batch"):
            connection.sendall(self.at_door(asked.json()))
        else:
            result = result_of(asked.json() if asked.body else {"name": "read"})
            body = json.dumps(result["responseBody"]).encode()
            connection.sendall(reply(int(result["responseCode"]), body, headers=result.get("responseHeaders")))

    @property
    def alone(self) -> list[Any]:
        """The bodies that came one by one."""
        return [asked.json() for asked in self.asked if not asked.path.endswith("/batch")]

    @property
    def groups(self) -> list[list[Any]]:
        """What came to the door, a list for each request."""
        return [asked.json() for asked in self.asked if asked.path.endswith("/batch")]
