"""The marks: ratios and bounds that the project wants to keep, each measured in one run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.measure import Measured
from benchmarks.rounds import STORED, Table
from benchmarks.row import Pace
from benchmarks.world import CONNECTIONS

Tables = Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class Mark:
    """A bound, and how its number is read from the tables: a value a round, none where a row was not run."""

    title: str
    read: Callable[[Tables], list[float]]
    at_least: float | None = None
    at_most: float | None = None
    unit: str = "x"

    def is_met(self, value: float) -> bool:
        """Compare with the bound."""
        return value >= self.at_least if self.at_least is not None else value <= (self.at_most or 0.0)

    @property
    def bound(self) -> str:
        """The bound as text."""
        return f">= {self.at_least:g} {self.unit}" if self.at_least is not None else f"<= {self.at_most:g} {self.unit}"


def _ratio(target: str, name: str, to: str) -> Callable[[Tables], list[float]]:
    return lambda tables: tables[target].ratios(name, to) if target in tables else []


def _value(target: str, name: str, read: Callable[[Measured], float]) -> Callable[[Tables], list[float]]:
    return lambda tables: tables[target].values(name, read) if target in tables else []


def _also(target: str, name: str, what: str) -> Callable[[Tables], list[float]]:
    return _value(target, name, lambda one: one.also[what])


def _connections(tables: Tables) -> list[float]:
    """Only the most there ever were says anything: the first round opens what later ones find open still."""
    found = [
        one.connections
        for table in tables.values()
        for row in table.rows
        if row.uses_batch and row.pace is Pace.BULK
        for one in table.measured.get(row.name, [])
    ]
    return [max(found)] if found else []


MARKS = (
    Mark("10,000 users, job on the fast lane : loop, no latency", _ratio("users", "fast_lane", "loop"), at_least=40),
    Mark("10,000 users, job on the fast lane : loop, 50 ms apart", _ratio("far", "fast_lane", "loop"), at_least=500),
    Mark("a job : wrk sending the same requests, users service", _ratio("users", "job" + STORED, "wrk_keyed"), at_least=0.9),
    Mark("a job : wrk without Idempotency-Key, users service", _ratio("users", "job" + STORED, "wrk"), at_least=0.9),
    Mark("the fan-out alone : aiohttp, nginx", _ratio("nginx", "fan_out", "aiohttp_script"), at_least=3),
    Mark("a job to its last result stored : aiohttp, nginx", _ratio("nginx", "job" + STORED, "aiohttp_script"), at_least=1.2),
    Mark(
        "CPU of batch service and worker an item of a job, nginx",
        _value("nginx", "job", lambda one: one.cpu_us["batch"] + one.cpu_us["worker"]),
        at_most=100,
        unit="µs",
    ),
    Mark(
        "1,000 users with plaintext passwords, job : argon2id", _ratio("plain", "fast_lane" + STORED, "argon2id"), at_least=0.9
    ),
    Mark(
        "items/s of a job of 1,000,000 : of 10,000",
        _value("nginx", "million", lambda one: one.also["large_rate"] / one.also["small_rate"]),
        at_least=0.9,
    ),
    Mark(
        "peak memory of any process during 1,000,000 items",
        _value("nginx", "million", lambda one: max(one.peak_mib.values())),
        at_most=200,
        unit="MiB",
    ),
    Mark("a batch of one adds, one caller, median", _also("users", "latency", "added_median_ms"), at_most=5, unit="ms"),
    Mark("a batch of one adds, four callers, p99", _also("users", "latency", "added_p99_of_four_ms"), at_most=50, unit="ms"),
    Mark("connections to the target, the most of any bulk row of ours", _connections, at_most=CONNECTIONS, unit=""),
)


def lines(tables: Tables) -> Iterator[str]:
    """Write each mark, what was measured, and whether it is met."""
    width = max(len(mark.title) for mark in MARKS)
    yield f"{'mark':{width}}  {'bound':>10}  {'measured':>10}  (min-max)"
    for mark in MARKS:
        values = mark.read(tables)
        start = f"{mark.title:{width}}  {mark.bound:>10}"
        if not values:
            yield f"{start}  {'-':>10}  NOT MEASURED: a row of it was not run"
            continue
        verdict = "met" if mark.is_met(median(values)) else "NOT MET"
        yield f"{start}  {median(values):10.2f}  ({min(values):.2f}-{max(values):.2f})  {verdict}"
