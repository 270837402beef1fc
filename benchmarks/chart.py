"""The tables as a picture: for each target, how many times as fast as the loop each row is, on a logarithmic scale."""

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, floor, log10
from pathlib import Path
from statistics import median

from benchmarks.rounds import STORED, Table

_WIDTH, _LEFT, _RIGHT, _BAR, _STEP, _HEAD = 960, 350, 90, 14, 22, 48
_STYLE = (
    "text{font:13px sans-serif;fill:#222}.t{font-weight:bold}.n{fill:#555}"
    ".ours{fill:#1f6f8b}.limit{fill:#c8553d}.other{fill:#b7b7a4}"
    "line{stroke:#222}.g{stroke:#ddd}"
)
_LEGEND = (("ours", "this service"), ("other", "other ways"), ("limit", "the limit of the target"))
_LEGEND_HEIGHT = 34


def write(file: Path, tables: Sequence[Table]) -> None:
    """Write an SVG file of the tables that have something to compare."""
    shown = [table for table in tables if _bars(table)]
    heights = [_HEAD + _STEP * len(_bars(table)) + 30 for table in shown]
    height = _LEGEND_HEIGHT + sum(heights)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"><style>{_STYLE}</style>']
    parts.append('<rect width="100%" height="100%" fill="#fff"/>')
    parts += _legend()
    for number, table in enumerate(shown):
        parts.append(f'<g transform="translate(0,{_LEGEND_HEIGHT + sum(heights[:number])})">')
        parts += _panel(table)
        parts.append("</g>")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([*parts, "</svg>"]) + "\n", "utf-8")


def _legend() -> Iterator[str]:
    for number, (kind, text) in enumerate(_LEGEND):
        at = 10 + 140 * number
        yield f'<rect class="{kind}" x="{at}" y="10" width="{_BAR}" height="{_BAR}"/>'
        yield f'<text x="{at + _BAR + 6}" y="22">{text}</text>'
    explained = "the median of the rounds; the line spans all of them"
    yield f'<text class="n" x="{_WIDTH - 10}" y="22" text-anchor="end">{explained}</text>'


def _bars(table: Table) -> list[tuple[str, list[float], str]]:
    kinds = {row.name: "ours" for row in table.rows if row.uses_batch or row.is_ours} | {table.target.limit: "limit"}
    return [
        (f"… {title.strip()}" if name.endswith(STORED) else title, ratios, kinds.get(name.removesuffix(STORED), "other"))
        for name, title in table.lines
        if (ratios := table.ratios(name, table.target.base))
    ]


def _panel(table: Table) -> Iterator[str]:
    bars = _bars(table)
    low = floor(log10(min(min(ratios) for _, ratios, _ in bars)))
    high = max(ceil(log10(max(max(ratios) for _, ratios, _ in bars))), low + 1)

    def x(ratio: float) -> float:
        return _LEFT + (log10(ratio) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    bottom = _HEAD + _STEP * len(bars)
    yield f'<text class="t" x="10" y="20">{escape(table.target.title)}: times as fast as the loop (logarithmic)</text>'
    for power in range(low, high + 1):
        at = x(10.0**power)
        yield f'<line class="g" x1="{at:.1f}" x2="{at:.1f}" y1="{_HEAD - 8}" y2="{bottom}"/>'
        yield f'<text class="n" x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{10.0**power:g}</text>'
    for number, (title, ratios, kind) in enumerate(bars):
        top, middle = _HEAD + _STEP * number, _HEAD + _STEP * number + _BAR / 2
        end = x(median(ratios))
        yield f'<text x="{_LEFT - 8}" y="{top + 12}" text-anchor="end">{escape(title)}</text>'
        yield f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{max(1.0, end - _LEFT):.1f}" height="{_BAR}"/>'
        yield f'<line x1="{x(min(ratios)):.1f}" x2="{x(max(ratios)):.1f}" y1="{middle}" y2="{middle}"/>'
        yield f'<text x="{max(end, x(max(ratios))) + 6:.1f}" y="{top + 12}">{median(ratios):.3g}</text>'
