"""A contract document, and what its references stand for."""

from pathlib import Path
from typing import Any

import yaml

Json = Any


class Document:
    """One OpenAPI document."""

    def __init__(self, content: Json) -> None:
        self.content = content

    @classmethod
    def read(cls, path: Path) -> "Document":
        """Read a file of YAML."""
        return cls(yaml.safe_load(path.read_text()))

    @property
    def version(self) -> tuple[int, ...]:
        """The version of the document, as a tuple of three."""
        return version_of(str(self.content["info"]["version"]))

    def resolve(self, node: Json) -> Json:
        """Follow the reference that a node is, or return it; what stands beside a reference counts (JSON Schema 2020-12)."""
        while isinstance(node, dict) and "$ref" in node:
            target = self.content
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node = {**target, **beside} if beside else target
        return node


def version_of(text: str) -> tuple[int, ...]:
    """Read a version such as 1.0.0; raise ValueError."""
    parts = tuple(int(part) for part in text.split("."))
    if len(parts) != 3:
        raise ValueError(f"{text} is not a version such as 1.0.0")
    return parts
