"""The second reading of a file: its items, portion by portion, as they are sent."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice

from batch_client.records.field_mapping import FieldMapping
from batch_client.records.formats import Records
from batch_client.records.item_builder import ItemBuilder
from batch_client.records.record import Record, RecordError, RecordsError
from batch_client.records.survey import Portion

_BLOCK_BYTES = 64 * 1024


class Reader:
    """Reads on from portion to portion; one that must be read again costs a reading from the beginning."""

    def __init__(self, records: Records, mapping: FieldMapping) -> None:
        self._records = records
        self._mapping = mapping
        self._stack = ExitStack()
        self._at = -1
        self._lines: Iterator[bytes] = iter(())

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def blocks(self, portion: Portion, sent: Callable[[int], None]) -> Iterator[bytes]:
        """Yield the lines of a portion, joined; `sent` is told how many there were so far.

        The last block comes only if all is as it was when the file was read first: what lacks it is no batch, so that of a file
        that changed meanwhile nothing is applied. RecordsError is raised then.
        """
        self._go_to(portion.first)
        content = hashlib.sha256()
        block, items = bytearray(), 0
        for line in islice(self._lines, portion.items):
            self._at += 1
            content.update(line)
            if len(block) >= _BLOCK_BYTES:
                yield bytes(block)
                block.clear()
                sent(items)
            block += line
            items += 1
        if content.digest() != portion.digest:
            raise self._changed()
        yield bytes(block)
        sent(items)

    def _go_to(self, index: int) -> None:
        if self._at != index:
            self._stack.close()
            opened = self._stack.enter_context(self._records.open())
            self._lines = self._items(islice(opened.records, index, None))
            self._at = index

    def _items(self, records: Iterator[Record]) -> Iterator[bytes]:
        builder = ItemBuilder(self._mapping, nests=self._records.form.is_table)
        try:
            yield from map(builder.build, records)
        except RecordError:  # each had made an item when it was read first
            raise self._changed() from None

    def _changed(self) -> RecordsError:
        return RecordsError(f"{self._records.source.name} has changed while it was being sent.")
