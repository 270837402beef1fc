"""A record of a file: a row of a table, or a JSON object."""

from dataclasses import dataclass
from typing import Any

OWN_PREFIX = "batchctl:"
"""Columns and members of this name are what an earlier import wrote beside a row: they are no part of the record."""
MAX_CHARACTERS = 8 * 2**20
"""Of a record: as many as the batch service takes in an item."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a row or an object says; `line` is where it begins, from 1. One with a `fault` says nothing that can be used."""

    line: int
    values: dict[str, Any]
    fault: str = ""


class RecordsError(Exception):
    """The file cannot be read on from there; the sentence names the line."""


class RecordError(Exception):
    """One record makes no item; those around it may."""
