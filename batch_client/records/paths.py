"""Places in a body, as `address.city` names them."""

from collections.abc import Iterable
from typing import Any

Path = tuple[str, ...]


class NoPlaceError(ValueError):
    """Something that is no object stands where one would have to be."""


def parse(name: str) -> Path:
    """Read a dotted name; raise ValueError where a part of it is empty."""
    path = tuple(name.split("."))
    if not all(path):
        raise ValueError(f"{name!r} is no place in a body: no part between dots may be empty")
    return path


def dotted(path: Path) -> str:
    """Write a place as it is named."""
    return ".".join(path)


def clash(paths: Iterable[Path]) -> tuple[Path, Path] | None:
    """Find two places that cannot both be filled: the same one twice, or one that lies in another."""
    known: dict[Path, Path] = {}
    for path in sorted(paths):
        for size in range(1, len(path) + 1):
            if path[:size] in known:
                return path[:size], path
        known[path] = path
    return None


def find(body: Any, path: Path) -> Any:
    """Return what stands there; raise KeyError where nothing does."""
    for name in path:
        if not isinstance(body, dict):
            raise KeyError(name)
        body = body[name]
    return body


def put(body: dict[str, Any], path: Path, value: Any) -> None:
    """Put a value there, in objects that are made as they are needed; raise NoPlaceError where something else is in the way."""
    for size, name in enumerate(path[:-1], 1):
        body = body.setdefault(name, {})
        if not isinstance(body, dict):
            raise NoPlaceError(f"{dotted(path[:size])} is no object, so there is no place for {dotted(path)} in it")
    body[path[-1]] = value


def take(body: dict[str, Any], path: Path) -> Any:
    """Remove what stands there and return it; raise KeyError where nothing does."""
    inner = find(body, path[:-1])
    if not isinstance(inner, dict):
        raise KeyError(path[-1])
    return inner.pop(path[-1])
