"""The rows, one a module that has a `ROW`; to add one is to add a module."""

import importlib
import pkgutil

from benchmarks.row import Row


def all_rows() -> list[Row]:
    """Return every row, in the order of the table."""
    rows: list[Row] = [importlib.import_module(f"{__name__}.{module.name}").ROW for module in pkgutil.iter_modules(__path__)]
    return sorted(rows, key=lambda row: row.place)
