"""What can be known before anything is sent."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any

from batch_client.client import BatchClient
from batch_client.errors import BatchError
from batch_client.items import error_of, succeeded
from batch_client.records.field_mapping import FieldMapping
from batch_client.records.formats import Records
from batch_client.records.item_builder import ItemBuilder
from batch_client.records.json_text import loads

_AT_ONCE = 1000
_BYTES_AT_ONCE = 2**20


def check_entity(client: BatchClient, name: str, method: str) -> None:
    """Ask what can be batched; raise BatchError for an entity that is not there, or takes no such method."""
    entities = {entity["name"]: entity for entity in client.entities()}
    if name not in entities:
        near = get_close_matches(name, entities, n=1)
        known = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(entities) or 'none'}."
        raise BatchError(f"The service has no entity {name!r}; {known}", code="unknown_entity", status=404)
    methods = entities[name].get("methods") or [method]
    if method not in methods:
        raise BatchError(f"{name!r} takes no {method}, only {', '.join(methods)}.", code="method_not_allowed", status=405)


def check_items(client: BatchClient, entity: str, records: Records, mapping: FieldMapping) -> list[str]:
    """Have the service check each item without sending it; return a sentence for each that would fail, with its line."""
    faults: list[str] = []
    with records.open() as opened:
        builder = ItemBuilder(mapping, nests=records.form.is_table)
        while True:
            lines: list[int] = []
            items: list[Any] = []
            size = 0
            for record in islice(opened.records, _AT_ONCE):
                line = builder.build(record)
                lines.append(record.line)
                items.append(loads(line.decode()))
                size += len(line)
                if size > _BYTES_AT_ONCE:
                    break
            if not items:
                return faults
            faults += _faults(lines, client.validate(entity, items))


def _faults(lines: Sequence[int], results: Sequence[Mapping[str, Any]]) -> list[str]:
    if len(results) != len(lines):
        raise BatchError("The service checked another number of items than it was sent.", code="no_results")
    return [
        f"Line {line}: {result.get('responseCode')} {error_of(result)}"
        for line, result in zip(lines, results, strict=True)
        if not succeeded(result)
    ]
