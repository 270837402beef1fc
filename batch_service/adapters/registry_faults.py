"""What is wrong with a registry file, and on which line: TOML parsers keep no line numbers of what they read."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_ANY_HEADER = r"\s*\[[^\]=]+\]+\s*(#.*)?$"


def describe(path: Path, text: str, messages: Any) -> str:
    """Turn the messages of the schema into a line a fault: file, line, place, sentence."""
    faults = [(line_of(text, keys), ".".join(keys), sentence) for keys, sentence in _leaves(messages, ())]
    return "\n".join(f"{path}, line {line}: {place}: {sentence}" for line, place, sentence in sorted(faults))


def line_of(text: str, keys: tuple[str, ...]) -> int:
    """Find the line, from 1, of a key: its table's header, or within that table the line that sets it."""
    lines = text.splitlines()
    at = inside = 0
    for depth in range(1, len(keys) + 1):
        header = _find(_header(keys[:depth]), lines)
        if header is not None:
            at, inside = header, header + 1
            continue
        end = _find(_ANY_HEADER, lines, start=inside)
        setting = _find(rf"\s*{_key(keys[depth - 1])}\s*[=.]", lines[:end], start=inside)
        if setting is not None:
            at = inside = setting
    return at + 1


def _find(pattern: str, lines: Sequence[str], *, start: int = 0) -> int | None:
    return next((number for number in range(start, len(lines)) if re.match(pattern, lines[number])), None)


def _header(keys: tuple[str, ...]) -> str:
    """The header of a table, or of the first table within it."""
    dotted = r"\s*\.\s*".join(_key(key) for key in keys)
    return rf"\s*\[\s*{dotted}\s*[\].]"


def _key(key: str) -> str:
    return rf"[\"']?{re.escape(key)}[\"']?"


def _leaves(messages: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(messages, dict):
        yield from ((keys, str(sentence)) for sentence in messages)
        return
    for key, inner in messages.items():
        # marshmallow puts what is wrong with the values of a dictionary under "value".
        yield from _leaves(inner, keys if key in ("_schema", "value") else (*keys, str(key)))
