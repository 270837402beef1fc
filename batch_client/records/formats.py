"""Which files of records there are, and how each is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from batch_client.records.delimited import Table
from batch_client.records.json_array import read_array
from batch_client.records.json_lines import read_lines
from batch_client.records.record import Record, RecordsError
from batch_client.records.source import STDIN, Source, Watch

FORMATS = ("csv", "tsv", "ndjson", "json")
_BY_SUFFIX = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "json"}


def guess(name: str) -> str:
    """Tell the format by the name of the file; raise RecordsError where the name says nothing."""
    path = PurePath(name.removesuffix(".gz"))
    found = _BY_SUFFIX.get(path.suffix.lower())
    if name == STDIN or found is None:
        what = "the standard input" if name == STDIN else repr(name)
        raise RecordsError(f"Nothing says which format {what} has: give --format {'|'.join(FORMATS)}.")
    return found


@dataclass(frozen=True, slots=True)
class Form:
    """The format of a file, and what else one must know to read it."""

    format: str
    delimiter: str = ","
    encoding: str = "utf-8"

    @property
    def is_table(self) -> bool:
        """Whether it has columns of text: a header, and rows."""
        return self.format in ("csv", "tsv")


@dataclass(frozen=True, slots=True)
class Opened:
    """Records as they are read; of a table also its header."""

    records: Iterator[Record]
    header: list[str] | None = None


class Records:
    """The records of a file in their order, from the beginning each time that it is opened."""

    def __init__(self, source: Source, form: Form) -> None:
        self.source = source
        self.form = form

    @contextmanager
    def open(self, watch: Watch = lambda _: None) -> Iterator[Opened]:
        """Begin to read; RecordsError is raised wherever the file cannot be read on from."""
        with self.source.open(watch) as file:
            if self.form.is_table:
                table = Table(file, delimiter=self.form.delimiter, encoding=self.form.encoding)
                yield Opened(_rows(table), table.header)
            else:
                yield Opened(read_lines(file) if self.form.format == "ndjson" else read_array(file))


def _rows(table: Table) -> Iterator[Record]:
    width = len(table.header)
    for line, row in table:
        if len(row) == width:
            yield Record(line, dict(zip(table.header, row, strict=True)))
        else:
            yield Record(line, {}, f"the header has {width} cells, and the row {len(row)}")
