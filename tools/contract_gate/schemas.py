"""Two schemas: what one lets through and the other does not, read in the direction in which the values travel."""

import json
from collections.abc import Iterator
from typing import Any

from tools.contract_gate.documents import Document
from tools.contract_gate.rules import RULES, Direction, Finding

Json = Any
_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_TEXTS = {"title", "description", "example", "examples", "deprecated", "externalDocs", "$comment", "contentMediaType"}
_COMPARED = {
    *("type", "enum", "const", "pattern", "format", "default", "uniqueItems", "properties", "required"),
    *("additionalProperties", "items", "anyOf", "oneOf", "allOf", "readOnly", "writeOnly"),
    *_LOWER_BOUNDS,
    *_UPPER_BOUNDS,
}
_NOT_THERE = object()


class SchemaComparison:
    """Compares schemas of two documents."""

    def __init__(self, old: Document, new: Document, direction: Direction) -> None:
        self._old = old
        self._new = new
        self._direction = direction
        self._open: set[tuple[str, str]] = set()

    def compare(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        """Yield every difference between an old schema and the new one in its place."""
        pair = (json.dumps(old, sort_keys=True), json.dumps(new, sort_keys=True))
        if pair in self._open:  # it refers to itself, and is being compared already
            return
        self._open.add(pair)
        yield from self._compare(self._whole(self._old, old), self._whole(self._new, new), place)
        self._open.discard(pair)

    def _whole(self, document: Document, schema: Json) -> Json:
        schema = document.resolve(schema)
        if isinstance(schema, bool):
            return {} if schema else {"enum": []}
        if "allOf" not in schema:
            return schema
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for part in (self._whole(document, each) for each in schema["allOf"]):
            properties = {**merged.get("properties", {}), **part.get("properties", {})}
            required = [*merged.get("required", []), *part.get("required", [])]
            merged = {**part, **merged, "properties": properties, "required": required}
        return merged

    def _compare(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        if "anyOf" in old or "oneOf" in old or "anyOf" in new or "oneOf" in new:
            yield from self._choices(old, new, place)
            return
        yield from self._types(old, new, place)
        yield from self._values(old, new, place)
        yield from self._limits(old, new, place)
        for keyword in ("pattern", "format"):
            if old.get(keyword) != new.get(keyword):
                detail = f"{old.get(keyword, 'none')} before, {new.get(keyword, 'none')} now"
                yield from self._changed(keyword, place, detail, lost=keyword in new, gained=keyword in old)
        if self._direction is Direction.REQUEST:
            yield from self._default(old, new, place)
        yield from self._members(old, new, place)
        yield from self._other_members(old, new, place)
        if "items" in old or "items" in new:
            yield from self.compare(old.get("items", {}), new.get("items", {}), f"{place}[]")
        for keyword in sorted((old.keys() | new.keys()) - _TEXTS - _COMPARED):
            if not keyword.startswith("x-") and old.get(keyword, _NOT_THERE) != new.get(keyword, _NOT_THERE):
                yield Finding(RULES["keyword-changed"], place, keyword)

    def _changed(self, kind: str, place: str, detail: str, *, lost: object, gained: object) -> Iterator[Finding]:
        """Yield that something was let through and is not, or the other way round."""
        if lost:
            yield Finding(RULES[f"{self._direction}-{kind}-narrowed"], place, detail)
        if gained:
            yield Finding(RULES[f"{self._direction}-{kind}-widened"], place, detail)

    def _types(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        before, now = _types_of(old), _types_of(new)
        lost, gained = before - now, now - before
        if gained == {"null"} and not lost and self._direction is Direction.ANSWER:
            yield Finding(RULES["answer-nullable"], place)
        elif lost == {"null"} and not gained and self._direction is Direction.REQUEST:
            yield Finding(RULES["request-not-nullable"], place)
        elif lost or gained:
            detail = f"{_words(before)} before, {_words(now)} now"
            yield from self._changed("type", place, detail, lost=lost, gained=gained)

    def _values(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        before, now = _values_of(old), _values_of(new)
        if before == now:
            return
        lost = now is not None and (before is None or before - now)
        gained = before is not None and (now is None or now - before)
        detail = f"{_words(before)} before, {_words(now)} now"
        yield from self._changed("values", place, detail, lost=lost, gained=gained)

    def _limits(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        for keywords, is_tighter in ((_LOWER_BOUNDS, _is_more), (_UPPER_BOUNDS, _is_less)):
            for keyword in keywords:
                before, now = old.get(keyword), new.get(keyword)
                if before != now:
                    detail = f"{keyword} {_or_none(before)} before, {_or_none(now)} now"
                    lost, gained = is_tighter(now, before), is_tighter(before, now)
                    yield from self._changed("limit", place, detail, lost=lost, gained=gained)
        before, now = bool(old.get("uniqueItems")), bool(new.get("uniqueItems"))
        yield from self._changed("limit", place, "uniqueItems", lost=now and not before, gained=before and not now)

    def _default(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        before, now = old.get("default", _NOT_THERE), new.get("default", _NOT_THERE)
        if before is _NOT_THERE and now is not _NOT_THERE:
            yield Finding(RULES["request-default-added"], place, json.dumps(now))
        elif before != now:
            after = "none" if now is _NOT_THERE else json.dumps(now)
            yield Finding(RULES["request-default-changed"], place, f"{json.dumps(before)} before, {after} now")

    def _members(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        before, now = self._travelling(self._old, old), self._travelling(self._new, new)
        must_before, must_now = set(old.get("required", [])), set(new.get("required", []))
        side = self._direction
        for name in sorted(before.keys() | now.keys()):
            at = f"{place}.{name}"
            if name not in now:
                yield Finding(RULES[f"{side}-member-removed"], at)
            elif name not in before:
                must = side is Direction.REQUEST and name in must_now
                yield Finding(RULES[f"{side}-member-added{'-required' if must else ''}"], at)
            else:
                if name in must_now and name not in must_before:
                    yield Finding(RULES[f"{side}-member-required"], at)
                if name in must_before and name not in must_now:
                    yield Finding(RULES[f"{side}-member-optional"], at)
                yield from self.compare(before[name], now[name], at)

    def _travelling(self, document: Document, schema: Json) -> dict[str, Json]:
        """The members that travel in this direction."""
        other = "readOnly" if self._direction is Direction.REQUEST else "writeOnly"
        members = schema.get("properties", {})
        return {name: member for name, member in members.items() if not document.resolve(member).get(other)}

    def _other_members(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        before, now = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if before is False or now is False:
            yield from self._changed("members", place, "", lost=before is not False, gained=now is not False)
        else:
            yield from self.compare(before, now, f"{place}.*")

    def _choices(self, old: Json, new: Json, place: str) -> Iterator[Finding]:
        """Match alternatives: each that could be sent must still be taken, each that can come must have been among the old."""
        before, now = _alternatives(old), _alternatives(new)
        needed, offered = (before, now) if self._direction is Direction.REQUEST else (now, before)
        is_request = self._direction is Direction.REQUEST
        left = list(offered)
        unmatched: list[Json] = []
        for one in needed:
            other, findings = self._closest(one, offered, place)
            if other is None or any(finding.rule.breaks for finding in findings):
                unmatched.append(one)
                continue
            left = [each for each in left if each is not other]
            yield from findings
        if len(unmatched) == 1 and len(left) == 1:
            pair = (unmatched[0], left[0]) if is_request else (left[0], unmatched[0])
            yield from self.compare(*pair, place)
            return
        lost, gained = (unmatched, left) if is_request else (left, unmatched)
        detail = f"{len(before)} alternatives before, {len(now)} now"
        yield from self._changed("choices", place, detail, lost=lost, gained=gained)

    def _closest(self, one: Json, offered: list[Json], place: str) -> tuple[Json | None, list[Finding]]:
        """Find the alternative that differs least, and how."""
        best: tuple[Json | None, list[Finding]] = (None, [])
        for other in offered:
            old, new = (one, other) if self._direction is Direction.REQUEST else (other, one)
            findings = [*self.compare(old, new, place)]
            if best[0] is None or _weigh(findings) < _weigh(best[1]):
                best = (other, findings)
        return best


def _weigh(findings: list[Finding]) -> tuple[int, int]:
    return sum(finding.rule.breaks for finding in findings), len(findings)


def _alternatives(schema: Json) -> list[Json]:
    beside = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
    alternatives = [each for keyword in ("anyOf", "oneOf") for each in schema.get(keyword, [])]
    must = beside.get("required", [])
    return [{**beside, **each, "required": [*must, *each.get("required", [])]} for each in alternatives] or [beside]


def _types_of(schema: Json) -> frozenset[str]:
    named = schema.get("type")
    if named is None:
        values = _values_of(schema)
        return _TYPES if values is None else frozenset(_type_of(json.loads(value)) for value in values)
    types = frozenset([named] if isinstance(named, str) else named)
    return types | {"integer"} if "number" in types else types


def _type_of(value: Json) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return "null" if value is None else kinds[type(value)]


def _values_of(schema: Json) -> frozenset[str] | None:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else frozenset(json.dumps(value, sort_keys=True) for value in values)


def _is_more(one: float | None, other: float | None) -> bool:
    return one is not None and (other is None or one > other)


def _is_less(one: float | None, other: float | None) -> bool:
    return one is not None and (other is None or one < other)


def _or_none(bound: float | None) -> str:
    return "none" if bound is None else f"{bound:,}"


def _words(names: frozenset[str] | None) -> str:
    if names is None or names == _TYPES:
        return "any"
    return ", ".join(sorted(names)) or "none"
