"""Curves as a picture: a panel each, both axes logarithmic, with the limit as a dashed line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log2, log10
from pathlib import Path
from statistics import median

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 480, 340, 76, 34, 40, 48
_STYLE = (
    "text{font:13px sans-serif;fill:#222}.t{font-weight:bold}.n{fill:#555}circle{fill:#1f6f8b}"
    "polyline{fill:none;stroke:#1f6f8b;stroke-width:2}.l{stroke:#999;stroke-dasharray:5 4}line{stroke:#ddd}.s{stroke:#1f6f8b}"
)


@dataclass(frozen=True, slots=True)
class Curve:
    """How a rate depends on a number: the rates of every round, by the number."""

    name: str
    title: str
    points: Mapping[int, list[float]]


def write(file: Path, curves: Sequence[Curve], *, limits: Sequence[Mapping[int, float]]) -> None:
    """Write an SVG file of the curves, side by side, each with its own limit and all with the same vertical axis."""
    every = [rate for curve in curves for rates in curve.points.values() for rate in rates]
    every += [rate for limit in limits for rate in limit.values()]
    low, high = floor(log10(min(every))), ceil(log10(max(every)))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH * len(curves)}" height="{_HEIGHT}"><style>{_STYLE}</style>',
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for number, (curve, limit) in enumerate(zip(curves, limits, strict=True)):
        panel = _panel(curve, limit, low, max(high, low + 1))
        parts += [f'<g transform="translate({_WIDTH * number},0)">', *panel, "</g>"]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([*parts, "</svg>"]) + "\n", "utf-8")


def _panel(curve: Curve, limit: Mapping[int, float], low: int, high: int) -> Iterator[str]:
    numbers = list(curve.points)

    def x(number: int) -> float:
        share = (log2(number) - log2(numbers[0])) / (log2(numbers[-1]) - log2(numbers[0]))
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(rate: float) -> float:
        return _HEIGHT - _BOTTOM - (log10(rate) - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    yield f'<text class="t" x="{_LEFT}" y="22">items/s by {escape(curve.title)}</text>'
    for power in range(low, high + 1):
        at = y(10.0**power)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        yield f'<text class="n" x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10**power:,g}</text>'
    for number in numbers:
        yield f'<text class="n" x="{x(number):.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{number}</text>'
    below = f"{curve.name} (dashed: the limit)"
    yield f'<text class="n" x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{below}</text>'
    yield _polyline(((x(number), y(limit[number])) for number in numbers), "l")
    yield _polyline(((x(number), y(median(rates))) for number, rates in curve.points.items()), "")
    for number, rates in curve.points.items():
        at, middle = x(number), y(median(rates))
        yield f'<line class="s" x1="{at:.1f}" x2="{at:.1f}" y1="{y(min(rates)):.1f}" y2="{y(max(rates)):.1f}"/>'
        yield f'<circle cx="{at:.1f}" cy="{middle:.1f}" r="3.5"/>'
        yield f'<text x="{at:.1f}" y="{middle + 20:.1f}" text-anchor="middle">{median(rates):,.0f}</text>'


def _polyline(points: Iterator[tuple[float, float]], kind: str) -> str:
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" points="{corners}"/>'
