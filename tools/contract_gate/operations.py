"""Two documents: their paths, operations, parameters, bodies and answers."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tools.contract_gate.documents import Document
from tools.contract_gate.rules import RULES, Direction, Finding
from tools.contract_gate.schemas import SchemaComparison
from tools.contract_gate.security import compare_security

Json = Any
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def compare(old: Document, new: Document) -> list[Finding]:
    """Return every difference that the rules know, breaks first."""
    found = [*_Comparison(old, new).all(), *compare_security(old, new)]
    return sorted(dict.fromkeys(found), key=lambda finding: (not finding.rule.breaks, finding.place, finding.rule.id))


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self._old = old
        self._new = new
        self._requests = SchemaComparison(old, new, Direction.REQUEST)
        self._answers = SchemaComparison(old, new, Direction.ANSWER)

    def all(self) -> Iterator[Finding]:
        before, now = ({server["url"] for server in each.content.get("servers", [])} for each in (self._old, self._new))
        yield from _added_and_removed("server", before, now, "")
        # What a variable of a path is called is nothing that a client sends.
        paths, new_paths = _by_shape(self._old.content["paths"]), _by_shape(self._new.content["paths"])
        for shape in paths.keys() | new_paths.keys():
            if shape not in new_paths:
                yield Finding(RULES["path-removed"], paths[shape][0])
            elif shape not in paths:
                yield Finding(RULES["path-added"], new_paths[shape][0])
            else:
                yield from self._path(*paths[shape], *new_paths[shape])

    def _path(self, path: str, old: Json, new_path: str, new: Json) -> Iterator[Finding]:
        for method in _METHODS:
            place = f"{method.upper()} {path}"
            if method in old and method not in new:
                yield Finding(RULES["operation-removed"], place)
            elif method in new and method not in old:
                yield Finding(RULES["operation-added"], place)
            elif method in old:
                renamed = dict(zip(_variables(new_path), _variables(path), strict=True))
                before, now = self._parameters(self._old, old, method, {}), self._parameters(self._new, new, method, renamed)
                yield from self._operation(old[method], new[method], place)
                yield from self._compare_parameters(before, now, place)

    def _operation(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        if old.get("operationId") != new.get("operationId"):
            yield Finding(RULES["operation-renamed"], place, f"{old.get('operationId')} before, {new.get('operationId')} now")
        if new.get("deprecated") and not old.get("deprecated"):
            yield Finding(RULES["operation-deprecated"], place)
        yield from self._body(self._old.resolve(old.get("requestBody")), self._new.resolve(new.get("requestBody")), place)
        before, now = old.get("responses", {}), new.get("responses", {})
        for status in sorted(before.keys() | now.keys()):
            if status not in now:
                yield Finding(RULES["status-removed"], f"{place}, {status}")
            elif status not in before:
                yield Finding(RULES["success-added" if status[0] in "123" else "error-added"], f"{place}, {status}")
            else:
                yield from self._answer(self._old.resolve(before[status]), self._new.resolve(now[status]), f"{place}, {status}")

    def _parameters(
        self, document: Document, item: Json, method: str, renamed: Mapping[str, str]
    ) -> dict[tuple[str, str], Json]:
        found: dict[tuple[str, str], Json] = {}
        for each in map(document.resolve, [*item.get("parameters", []), *item[method].get("parameters", [])]):
            name = renamed.get(each["name"], each["name"]) if each["in"] == "path" else each["name"]
            found[each["in"], name.lower() if each["in"] == "header" else name] = each
        return found

    def _compare_parameters(self, before: Mapping[Any, Json], now: Mapping[Any, Json], place: str) -> Iterator[Finding]:
        for kind, name in sorted(before.keys() | now.keys()):
            at, key = f"{place}, {kind} parameter {name}", (kind, name)
            if key not in now:
                yield Finding(RULES["parameter-removed"], at)
            elif key not in before:
                yield Finding(RULES["parameter-added-required" if now[key].get("required") else "parameter-added"], at)
            else:
                yield from _requirement("parameter", before[key], now[key], at)
                if _style(before[key]) != _style(now[key]):
                    yield Finding(RULES["parameter-written-otherwise"], at)
                yield from self._requests.compare(before[key].get("schema", {}), now[key].get("schema", {}), at)

    def _body(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        at = f"{place}, body"
        if old is None or new is None:
            if old is not None:
                yield Finding(RULES["body-removed"], at)
            elif new is not None:
                yield Finding(RULES["body-required" if new.get("required") else "body-added"], at)
            return
        yield from _requirement("body", old, new, at)
        yield from self._contents(self._requests, "request", old, new, at)

    def _answer(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        yield from self._contents(self._answers, "answer", old, new, place)
        before, now = _headers(self._old, old), _headers(self._new, new)
        yield from _added_and_removed("header", before, now, f"{place}, header ")
        for name in sorted(before.keys() & now.keys()):
            at = f"{place}, header {name}"
            yield from _requirement("header", before[name], now[name], at)
            yield from self._answers.compare(before[name].get("schema", {}), now[name].get("schema", {}), at)

    def _contents(self, schemas: SchemaComparison, side: str, old: Json, new: Json, place: str) -> Iterator[Finding]:
        before, now = old.get("content", {}), new.get("content", {})
        yield from _added_and_removed(f"{side}-media-type", before, now, f"{place}, ")
        for media_type in sorted(before.keys() & now.keys()):
            at = place if len(before) == 1 else f"{place}, {media_type}"
            yield from schemas.compare(before[media_type].get("schema", {}), now[media_type].get("schema", {}), at)


def _added_and_removed(what: str, before: Any, now: Any, place: str) -> Iterator[Finding]:
    for name in sorted(set(before) - set(now)):
        yield Finding(RULES[f"{what}-removed"], f"{place}{name}")
    for name in sorted(set(now) - set(before)):
        yield Finding(RULES[f"{what}-added"], f"{place}{name}")


def _requirement(what: str, old: Json, new: Json, place: str) -> Iterator[Finding]:
    if bool(old.get("required")) != bool(new.get("required")):
        yield Finding(RULES[f"{what}-{'required' if new.get('required') else 'optional'}"], place)


def _headers(document: Document, answer: Json) -> dict[str, Json]:
    return {name.lower(): document.resolve(header) for name, header in answer.get("headers", {}).items()}


def _by_shape(paths: Mapping[str, Json]) -> dict[str, tuple[str, Json]]:
    return {re.sub(r"{\w+}", "{}", path): (path, item) for path, item in paths.items()}


def _variables(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _style(parameter: Json) -> tuple[Any, ...]:
    style = parameter.get("style", _STYLES[parameter["in"]])
    return style, parameter.get("explode", style == "form"), parameter.get("allowReserved", False)
