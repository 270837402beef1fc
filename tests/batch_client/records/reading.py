"""Files as a test writes them, and the items that are made of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from batch_client.records.field_mapping import FieldMapping
from batch_client.records.formats import Form, Records
from batch_client.records.portions import Reader
from batch_client.records.source import Source
from batch_client.records.survey import Size, Survey, survey

EVERYTHING = Size(max_items=10**9, max_bytes=10**12)


class File:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "file"

    def records(self, content: str | bytes, form: Form) -> Records:
        self.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Records(Source(str(self.path)), form)

    def survey(self, content: str | bytes, form: Form, mapping: FieldMapping | None = None, size: Size = EVERYTHING) -> Survey:
        return survey(self.records(content, form), mapping or FieldMapping(), size, sample=10**6, watch=lambda _: None)

    def items(self, content: str | bytes, form: Form, mapping: FieldMapping | None = None) -> list[Any]:
        """What is sent, which is what was read first."""
        found = self.survey(content, form, mapping)
        assert found.faults == []
        records = Records(Source(str(self.path)), form)
        with Reader(records, mapping or FieldMapping()) as reader:
            sent = b"".join(block for portion in found.portions for block in reader.blocks(portion, lambda _: None))
        assert sent == b"".join(found.sample)
        return [json.loads(line) for line in sent.splitlines()]

    def bodies(self, content: str | bytes, form: Form, mapping: FieldMapping | None = None) -> list[Any]:
        return [item["body"] for item in self.items(content, form, mapping)]


Read = Callable[..., list[Any]]
CSV = Form("csv")
TSV = Form("tsv", "\t")
NDJSON = Form("ndjson")
JSON = Form("json")
