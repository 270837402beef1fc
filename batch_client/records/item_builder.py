"""How a record becomes an item."""

from collections.abc import Mapping
from typing import Any

from batch_client.records import paths
from batch_client.records.cell_types import TYPES
from batch_client.records.field_mapping import FieldMapping
from batch_client.records.json_text import dumps
from batch_client.records.paths import Path
from batch_client.records.record import MAX_CHARACTERS, OWN_PREFIX, Record, RecordError

_ABSENT = object()


class ItemBuilder:
    """Makes the items of records, and notes which of the columns that the mapping names there are."""

    def __init__(self, mapping: FieldMapping, *, nests: bool) -> None:
        self._mapping = mapping
        self.nests = nests
        """Whether a dot in a column's name means a member within one, and an empty cell nothing: as in a table."""
        self._hidden = frozenset(mapping.named)
        self._constants = {path: _typed(text, path, mapping.types) for path, text in mapping.constants.items()}
        self.missing = dict(mapping.named)
        """The columns that no record had, each with the option that names it."""
        self.untyped = set(mapping.types) - set(mapping.constants)
        """The places with a type where no record had a value."""

    def build(self, record: Record) -> bytes:
        """Write the item of a record as a line of NDJSON; raise RecordError where there can be none."""
        if record.fault:
            raise RecordError(f"Line {record.line}: {record.fault}.")
        try:
            line = dumps(self._item(record.values))
        except (ValueError, RecordError) as error:
            raise RecordError(f"Line {record.line}: {error}.") from None
        if len(line) > MAX_CHARACTERS:
            raise RecordError(f"Line {record.line}: the item is longer than {MAX_CHARACTERS:,} bytes.")
        return line + b"\n"

    def _item(self, values: dict[str, Any]) -> dict[str, Any]:
        mapping = self._mapping
        item: dict[str, Any] = {} if mapping.method == "POST" else {"method": mapping.method}
        if mapping.path is not None:
            item["path"] = mapping.path.fill(lambda column: self._text(values, column))
        if mapping.id_column is not None:
            item["id"] = self._text(values, mapping.id_column)
        if mapping.has_body:
            item["body"] = self._body(values)
        elif self.missing:
            self._note(values)
        return item

    def _body(self, values: dict[str, Any]) -> dict[str, Any]:
        mapping = self._mapping
        moved = [(path, self._find(values, column)) for column, path in mapping.moves.items()]
        if self.missing:
            self._note(values)
        body: dict[str, Any] = {}
        for name, value in values.items():
            if name in self._hidden or name.startswith(OWN_PREFIX):
                continue
            if not self.nests:
                body[name] = value
            elif value != "":
                paths.put(body, tuple(name.split(".")), value)
        if not self.nests:
            self._remove_inner(body)
        for path, value in moved:
            if value is not _ABSENT and not (self.nests and value == ""):
                paths.put(body, path, value)
        for path, kind in mapping.types.items():
            self._convert(body, path, kind)
        for path, value in self._constants.items():
            paths.put(body, path, value)
        return body

    def _remove_inner(self, body: dict[str, Any]) -> None:
        for name in self._hidden:
            if "." in name:
                try:
                    paths.take(body, tuple(name.split(".")))
                except KeyError:
                    continue

    def _convert(self, body: dict[str, Any], path: Path, kind: str) -> None:
        try:
            value = paths.find(body, path)
        except KeyError:
            return
        self.untyped.discard(path)
        if isinstance(value, str):
            paths.put(body, path, _typed(value, path, {path: kind}))

    def _find(self, values: dict[str, Any], column: str) -> Any:
        """Return what a record has in a column, or in an object also at a dotted name."""
        if column in values:
            return values[column]
        if self.nests or "." not in column:
            return _ABSENT
        try:
            return paths.find(values, tuple(column.split(".")))
        except KeyError:
            return _ABSENT

    def _text(self, values: dict[str, Any], column: str) -> str:
        value = self._find(values, column)
        if value is _ABSENT or value is None or value == "":
            raise RecordError(f"{column} is empty, and the {'id' if column == self._mapping.id_column else 'path'} needs it")
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise RecordError(f"{column} is neither a text nor a whole number")
        return str(value)

    def _note(self, values: dict[str, Any]) -> None:
        for column in list(self.missing):
            if self._find(values, column) is not _ABSENT:
                del self.missing[column]


def _typed(text: str, path: Path, types: Mapping[Path, str]) -> Any:
    try:
        return TYPES[types.get(path, "text")](text)
    except ValueError as error:
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        raise ValueError(f"{paths.dotted(path)}: {shown!r} {error}") from None
