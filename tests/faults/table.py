"""The table of a run, for people and as Markdown."""

from collections.abc import Sequence

from tests.faults.run import Row

HEADERS = (
    "fault",
    "database",
    "broker",
    "times tried",
    "items accepted",
    "items finished",
    "lost",
    "applied twice",
    "not as promised",
)
_SHOWN = 10


def cells(row: Row) -> tuple[str, ...]:
    names = (row.fault, row.database, row.broker)
    if row.not_tried:
        return (*names, f"NOT TRIED: {row.not_tried}", "", "", "", "", "")
    verdict = row.verdict
    numbers = (row.tried, verdict.accepted, verdict.finished, len(verdict.lost), len(verdict.twice), len(verdict.wrong))
    return (*names, *(f"{number:,}" for number in numbers))


def markdown(rows: Sequence[Row]) -> str:
    """Render the table with its columns aligned."""
    lines = [HEADERS, *(cells(row) for row in rows)]
    # A reason for not trying runs over the columns after its own.
    widths = [max(len(line[at]) for line in lines if at != 3 or not line[at].startswith("NOT")) for at in range(len(HEADERS))]
    ruled = [lines[0], tuple("-" * width for width in widths), *lines[1:]]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in ruled
    )


def complaints(row: Row) -> list[str]:
    """Say what was lost, applied twice, or otherwise not as promised: the first few of each."""
    kinds = {"LOST": row.verdict.lost, "APPLIED TWICE": row.verdict.twice, "NOT AS PROMISED": row.verdict.wrong}
    lines = []
    for kind, found in kinds.items():
        lines += [f"{kind} ({row.fault}, {row.database}, {row.broker}): {sentence}" for sentence in found[:_SHOWN]]
        if len(found) > _SHOWN:
            lines.append(f"… and {len(found) - _SHOWN} more")
    if not row.not_tried and not row.verdict.accepted:
        lines.append(f"NOTHING WAS ACCEPTED ({row.fault}, {row.database}, {row.broker})")
    return lines
