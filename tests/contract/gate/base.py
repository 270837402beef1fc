"""A small contract, and how a pair of documents is made of it."""

import json
from dataclasses import dataclass
from typing import Any

Json = Any
ABSENT = object()
STRING: Json = {"type": "string"}

BASE: Json = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1.0.0"},
    "servers": [{"url": "/"}],
    "paths": {
        "/things": {
            "get": {
                "operationId": "listThings",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}],
                "responses": {
                    "200": {
                        "headers": {"Link": {"schema": STRING}},
                        "content": {
                            "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}
                        },
                    },
                    "400": {"$ref": "#/components/responses/Problem"},
                },
            },
            "post": {
                "operationId": "createThing",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewThing"}}},
                },
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "400": {"$ref": "#/components/responses/Problem"},
                },
            },
        },
        "/things/{thingId}": {
            "parameters": [{"name": "thingId", "in": "path", "required": True, "schema": STRING}],
            "get": {
                "operationId": "getThing",
                "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
            },
        },
    },
    "components": {
        "schemas": {
            "NewThing": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": STRING, "parts": {"type": "array", "items": {"$ref": "#/components/schemas/NewThing"}}},
            },
            "Thing": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {
                    "id": STRING,
                    "name": STRING,
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                },
            },
        },
        "responses": {"Problem": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}},
    },
}

LIST = "paths//things/get"
CREATE = "paths//things/post"
LIMIT = f"{LIST}/parameters/0"
SENT = "components/schemas/NewThing/properties"
ANSWERED = "components/schemas/Thing/properties"


@dataclass(frozen=True)
class Pair:
    """Two documents that differ at one place."""

    name: str
    at: str
    before: Json
    after: Json
    rule: str

    @property
    def documents(self) -> tuple[Json, Json]:
        return put(BASE, self.at, self.before), put(BASE, self.at, self.after)


def put(document: Json, at: str, value: Json) -> Json:
    """Copy a document with a value, or nothing, at a place; a part of a place that begins with a slash is a path."""
    changed = json.loads(json.dumps(document))  # in which nothing stands in two places
    inner = changed
    *parts, last = _parts(at)
    for part in parts:
        inner = inner[int(part)] if isinstance(inner, list) else inner[part]
    if isinstance(inner, list):
        inner[int(last) : int(last) + 1] = [] if value is ABSENT else [value]
    elif value is ABSENT:
        inner.pop(last, None)
    else:
        inner[last] = value
    return changed


def _parts(at: str) -> list[str]:
    marked = at.replace("/{thingId}", "~").replace("//", "/^")
    return [part.replace("^", "/").replace("~", "/{thingId}") for part in marked.split("/")]
