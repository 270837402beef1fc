"""The shortest form of the suite: a few faults, each once or twice, on one database each; `make faults` does all."""

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.run import run_fault
from tests.faults.table import complaints


@pytest.mark.parametrize(
    ("name", "database", "times"),
    [
        ("worker killed", "postgresql", 2),
        ("API killed", "sqlite", 1),
        ("any of them killed, users service", "sqlite", 1),
        ("worker killed, jobs cancelled and retried", "sqlite", 1),
        ("worker killed, fast lane", "postgresql", 1),
        ("connection cut after the effect", "sqlite", 1),
        ("worker stopped past its lease", "postgresql", 1),
        ("database backends terminated", "postgresql", 1),
    ],
)
def test_nothing_is_lost_and_nothing_applied_twice(
    name: str, database: str, times: int, request: pytest.FixtureRequest
) -> None:
    if database == "postgresql":
        request.getfixturevalue("postgresql_server")
    (fault,) = (fault for fault in FAULTS if fault.name == name)
    row = run_fault(fault, database=database, broker="none", times=times, seed=1)
    assert not complaints(row)
    assert row.tried == times
