"""Two documents: what they ask for as a credential."""

from collections.abc import Iterator
from typing import Any

from tools.contract_gate.documents import Document
from tools.contract_gate.rules import RULES, Finding

Json = Any
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_TEXTS = ("description",)


def compare_security(old: Document, new: Document) -> Iterator[Finding]:
    """Yield where a credential that was enough is so no longer, and where it may be less."""
    schemes, new_schemes = _schemes(old), _schemes(new)
    for name in sorted(schemes.keys() & new_schemes.keys()):
        if schemes[name] != new_schemes[name]:
            yield Finding(RULES["credential-changed"], name)
    for path, item in old.content["paths"].items():
        new_item = new.content["paths"].get(path, {})
        for method in item.keys() & new_item.keys() & set(_METHODS):
            before, now = _alternatives(old, item[method]), _alternatives(new, new_item[method])
            place = f"{method.upper()} {path}"
            if not all(any(_is_enough(each, asked) for asked in now) for each in before):
                yield Finding(RULES["credential-required"], place, f"{_words(before)} before, {_words(now)} now")
            elif not all(any(_is_enough(each, asked) for asked in before) for each in now):
                yield Finding(RULES["credential-relaxed"], place, f"{_words(before)} before, {_words(now)} now")


def _schemes(document: Document) -> dict[str, Json]:
    schemes = document.content.get("components", {}).get("securitySchemes", {})
    return {name: {key: scheme[key] for key in scheme if key not in _TEXTS} for name, scheme in schemes.items()}


def _alternatives(document: Document, operation: Json) -> list[dict[str, list[str]]]:
    return operation.get("security", document.content.get("security", [])) or [{}]


def _is_enough(held: dict[str, list[str]], asked: dict[str, list[str]]) -> bool:
    """Say whether someone who holds this has all that is asked for."""
    return all(name in held and set(scopes) <= set(held[name]) for name, scopes in asked.items())


def _words(alternatives: list[dict[str, list[str]]]) -> str:
    return " or ".join(
        " with ".join([name, *scopes]) for each in alternatives for name, scopes in (each or {"nothing": []}).items()
    )
