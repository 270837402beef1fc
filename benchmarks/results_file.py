"""The numbers of a run as JSON: every round, so that anybody can work out something else."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.marks import MARKS
from benchmarks.rounds import Table


def write(file: Path, tables: Sequence[Table], *, size: str, rounds: int) -> None:
    """Write the results of a run."""
    document = {
        "finishedAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": size,
        "rounds": rounds,
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
            "loadAverage": os.getloadavg(),
        },
        "tables": [_table(table) for table in tables],
        "marks": list(_marks(tables)),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def _table(table: Table) -> dict[str, Any]:
    probes = [row.name for row in table.rows if table.has(row.name)]
    names = {**{name: None for name, _ in table.lines}, **dict.fromkeys(probes)}
    return {
        "target": table.target.name,
        "title": table.target.title,
        "base": table.target.base,
        "limit": table.target.limit,
        "rows": [
            {
                "name": name,
                "itemsPerSecond": median(one.rate for one in table.measured[name]),
                "toBase": table.ratios(name, table.target.base),
                "toLimit": table.ratios(name, table.target.limit),
                "rounds": [asdict(one) for one in table.measured[name]],
            }
            for name in names
        ],
        "notRun": table.not_run,
    }


def _marks(tables: Sequence[Table]) -> list[dict[str, Any]]:
    by_target = {table.target.name: table for table in tables}
    found = [(mark, mark.read(by_target)) for mark in MARKS]
    return [
        {"mark": mark.title, "bound": mark.bound, "values": values, "met": mark.is_met(median(values)) if values else None}
        for mark, values in found
    ]
