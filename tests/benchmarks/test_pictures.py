"""What is drawn and judged of measured numbers, without measuring any."""

from pathlib import Path
from xml.etree import ElementTree as ET

from benchmarks import chart, curve, marks
from benchmarks.measure import Measured
from benchmarks.rounds import Table
from benchmarks.rows import all_rows
from benchmarks.target import TARGETS

_SVG = "{http://www.w3.org/2000/svg}"
_USERS = TARGETS[0]


def _measured(items: int, *, connections: int, **also: float) -> Measured:
    return Measured(items=items, seconds=1.0, cpu_us={}, peak_mib={}, connections=connections, also=also)


def _table() -> Table:
    table = Table(_USERS, [row for row in all_rows() if row.name in ("loop", "wrk", "job", "drf_batch")])
    for connections in (16, 3):
        table.add("job", _measured(400, connections=connections, stored_s=0.5))
    for name, items in (("loop", 100), ("wrk", 200), ("drf_batch", 300)):
        table.add(name, _measured(items, connections=100))
    return table


def test_each_bar_says_whose_it_is_and_is_as_long_as_its_ratio(tmp_path: Path) -> None:
    chart.write(tmp_path / "chart.svg", [_table()])
    bars = [bar for bar in ET.parse(tmp_path / "chart.svg").iter(f"{_SVG}rect") if bar.get("x") == "350"]
    assert [bar.get("class") for bar in bars] == ["other", "other", "limit", "ours", "ours"]
    loop, drf_batch, wrk, job, job_stored = (float(bar.get("width") or 0) for bar in bars)
    assert loop < wrk < drf_batch < job < job_stored


def test_a_curve_rises_where_its_points_do_and_stays_within_its_panel(tmp_path: Path) -> None:
    found = curve.Curve("connections", "connections, one worker", {1: [18.0, 20.0], 2: [37.0], 4: [70.0]})
    curve.write(tmp_path / "curve.svg", [found], limits=[{1: 20.0, 2: 40.0, 4: 80.0}])
    root = ET.parse(tmp_path / "curve.svg").getroot()
    limit, line = (
        [tuple(map(float, corner.split(","))) for corner in (polyline.get("points") or "").split()]
        for polyline in root.iter(f"{_SVG}polyline")
    )
    assert [y for _, y in line] == sorted((y for _, y in line), reverse=True)
    assert all(
        0 < of_limit[1] < of_line[1] < float(root.get("height") or 0) for of_limit, of_line in zip(limit, line, strict=True)
    )


def test_the_mark_of_connections_is_the_most_that_a_row_of_ours_opened() -> None:
    table = _table()
    (mark,) = [mark for mark in marks.MARKS if mark.title.startswith("connections to the target")]
    assert mark.read({"users": table}) == [16]
    table.add("job", _measured(400, connections=17, stored_s=0.5))
    assert mark.read({"users": table}) == [17]
    assert not mark.is_met(17)
