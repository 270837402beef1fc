"""The first reading of a file: whether all of it can be sent, how much it is, and in which portions it goes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from batch_client.records import paths
from batch_client.records.field_mapping import FieldMapping
from batch_client.records.formats import Records
from batch_client.records.header import check_header, unknown_column
from batch_client.records.item_builder import ItemBuilder
from batch_client.records.record import RecordError, RecordsError

_FAULTS_SHOWN = 10
_FAULTS_ENOUGH = 1000


@dataclass(frozen=True, slots=True)
class Portion:
    """Items that become one job: from index `first` of the file on, with the SHA-256 of them all as they are sent."""

    first: int
    items: int
    digest: bytes


@dataclass(slots=True)
class Survey:
    """What a file holds."""

    portions: list[Portion] = field(default_factory=list)
    sample: list[bytes] = field(default_factory=list)
    """The first items."""
    faults: list[str] = field(default_factory=list)
    """The first sentences about records that make no item."""
    faulty: int = 0

    @property
    def total(self) -> int:
        """How many items there are."""
        return sum(portion.items for portion in self.portions)


@dataclass(frozen=True, slots=True)
class Size:
    """How much may go in one portion."""

    max_items: int
    max_bytes: int


def survey(records: Records, mapping: FieldMapping, size: Size, *, sample: int = 0, watch: Callable[[int], None]) -> Survey:
    """Read all records; raise RecordsError for a file that cannot be read to its end, or that the mapping does not fit."""
    found = Survey()
    portions = _Portions(size)
    with records.open(watch) as opened:
        if opened.header is not None:
            check_header(mapping, opened.header)
        builder = ItemBuilder(mapping, nests=records.form.is_table)
        for record in opened.records:
            try:
                line = builder.build(record)
            except RecordError as error:
                found.faulty += 1
                if found.faulty <= _FAULTS_SHOWN:
                    found.faults.append(str(error))
                if found.faulty == _FAULTS_ENOUGH:
                    break
                continue
            portions.add(line)
            if len(found.sample) < sample:
                found.sample.append(line)
    found.portions = portions.end()
    if not found.faulty:
        _check_used(builder, total=found.total, what="row" if records.form.is_table else "record")
    return found


def _check_used(builder: ItemBuilder, *, total: int, what: str) -> None:
    if total == 0:
        raise RecordsError(f"There is no {what} in the file: nothing to import.")
    for column, option in builder.missing.items():
        raise unknown_column(column, option, ())
    for path in builder.untyped if not builder.nests else ():
        raise unknown_column(paths.dotted(path), "--type", ())


class _Portions:
    """Divides items as they come."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._ready: list[Portion] = []
        self._first = self._items = self._bytes = 0
        self._hash = hashlib.sha256()

    def add(self, line: bytes) -> None:
        if self._items == self._size.max_items or (self._items and self._bytes + len(line) > self._size.max_bytes):
            self._close()
        self._hash.update(line)
        self._items += 1
        self._bytes += len(line)

    def end(self) -> list[Portion]:
        if self._items:
            self._close()
        return self._ready

    def _close(self) -> None:
        self._ready.append(Portion(self._first, self._items, self._hash.digest()))
        self._first += self._items
        self._items = self._bytes = 0
        self._hash = hashlib.sha256()
