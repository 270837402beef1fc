"""What is wrong with a registry file, and on which line: TOML parsers keep no line numbers of what they read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def describe(path: Path, text: str, messages: Any) -> str:
    """Turn the messages of the schema into a line a fault: file, line, place, sentence."""
    faults = [(line_of(text, keys), ".".join(keys), sentence) for keys, sentence in _leaves(messages, ())]
    return "\n".join(f"{path}, line {line}: {place}: {sentence}" for line, place, sentence in sorted(faults))


def line_of(text: str, keys: tuple[str, ...]) -> int:
    """Find the line, from 1, of a key: its table's header, or within that table the line that sets it."""
    lines = text.splitlines()
    at = 0
    for depth in range(1, len(keys) + 1):
        header = _header(keys[:depth])
        setting = re.compile(rf"\s*{_key(keys[depth - 1])}\s*[=.]")
        headers = [number for number, line in enumerate(lines) if header.match(line)]
        settings = [number for number in range(at, len(lines)) if setting.match(lines[number])]
        at = (headers or settings or [at])[0]
    return at + 1


def _header(keys: tuple[str, ...]) -> re.Pattern[str]:
    dotted = r"\s*\.\s*".join(_key(key) for key in keys)
    return re.compile(rf"\s*\[\s*{dotted}\s*\]")


def _key(key: str) -> str:
    return rf"[\"']?{re.escape(key)}[\"']?"


def _leaves(messages: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(messages, dict):
        yield from ((keys, str(sentence)) for sentence in messages)
        return
    for key, inner in messages.items():
        # marshmallow puts what is wrong with the values of a dictionary under "value".
        yield from _leaves(inner, keys if key in ("_schema", "value") else (*keys, str(key)))
