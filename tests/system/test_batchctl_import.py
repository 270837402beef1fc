"""Imports with real services: nothing is lost or applied twice, whatever happens to the command, and memory stays flat."""

import csv
import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch_client.commands.batchctl import COMMAND, Batchctl
from tests.batch_service.door_target import DoorTarget
from tests.batch_service.processes import BatchService
from tests.batch_service.waiting import eventually
from tests.system.batchctl_runs import applied, command_line, peak_kib, rows
from tests.system.ledger import Ledger


@pytest.fixture
def service(tmp_path: Path, ledger: Ledger) -> Iterator[BatchService]:
    url = f"sqlite:///{tmp_path}/batch.db"
    with BatchService(tmp_path, url, ledger.registry(concurrency="16"), CHUNK_ITEMS=50) as service:
        yield service


@pytest.fixture
def batchctl(service: BatchService, tmp_path: Path) -> Batchctl:
    return command_line(service, tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_import_that_is_interrupted_and_given_again_creates_nothing_twice(
    service: BatchService, batchctl: Batchctl, ledger: Ledger, number: signal.Signals
) -> None:
    """Whatever it was doing: it is interrupted before, between and after its four jobs, and given again each time."""
    batchctl.write("things.csv", rows(1000))
    command = ["import", "things", "things.csv", "--batch-size", "250", "--progress", "none"]
    for jobs in (0, 1, 3, 4):
        process = subprocess.Popen(
            [*COMMAND, *command],
            cwd=batchctl.folder,
            env=batchctl.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(lambda at_least=jobs: len(service.get("jobs")["jobs"]) >= at_least, within_s=60)  # type: ignore[misc]
        process.send_signal(number)
        process.wait(60)
    done = batchctl(*command, "-o", "ndjson")
    assert done.code == 0
    ends = [json.loads(line) for line in done.out.splitlines()]
    assert [end["counts"]["succeeded"] for end in ends] == [250] * 4
    assert len(service.get("jobs")["jobs"]) == 4
    assert applied(ledger) == {f"n{index}": 1 for index in range(1000)}


def test_the_standard_input_is_imported(batchctl: Batchctl, ledger: Ledger) -> None:
    lines = "".join(json.dumps({"name": f"n{index}"}) + "\n" for index in range(50)).encode()
    for _ in range(2):
        assert batchctl("import", "things", "-", "--format", "ndjson", stdin=lines).code == 0
    assert applied(ledger) == {f"n{index}": 1 for index in range(50)}
    assert batchctl("import", "things", "-", "--format", "ndjson", "--again", stdin=lines).code == 0
    assert applied(ledger) == {f"n{index}": 2 for index in range(50)}


def test_a_service_that_restarts_is_outwaited(service: BatchService, batchctl: Batchctl, ledger: Ledger) -> None:
    batchctl.write("things.csv", rows(1500))
    process = subprocess.Popen(
        [*COMMAND, "import", "things", "things.csv", "--progress", "none"], cwd=batchctl.folder, env=batchctl.environment
    )
    eventually(lambda: ledger.asked, within_s=60)
    service.kill("serve")
    service.start("serve")
    assert process.wait(120) == 0
    assert applied(ledger) == {f"n{index}": 1 for index in range(1500)}


def test_a_broken_file_is_refused_whole(service: BatchService, batchctl: Batchctl, ledger: Ledger) -> None:
    batchctl.write("things.csv", rows(3000) + '"never closed\n')
    done = batchctl("import", "things", "things.csv")
    assert done.code == 2
    assert "Line 3002 is not CSV" in done.err
    assert service.get("jobs")["jobs"] == []
    assert ledger.asked == []


def test_two_items_of_one_id_are_refused_by_the_service(batchctl: Batchctl, ledger: Ledger) -> None:
    batchctl.write("things.csv", "key,name\n1,a\n1,b\n")
    done = batchctl("import", "things", "things.csv", "--id-column", "key")
    assert done.code == 3
    assert len(done.said) == 1
    assert ledger.asked == []


@pytest.fixture
def door() -> Iterator[DoorTarget]:
    with DoorTarget() as door:
        yield door


@pytest.fixture
def fast(tmp_path: Path, door: DoorTarget) -> Iterator[Batchctl]:
    registry = f'[entities.things]\nurl = "{door.url}"\nbatch = {{ path = "/batch", max_items = 500 }}\n'
    with BatchService(tmp_path, f"sqlite:///{tmp_path}/batch.db", registry) as service:
        yield command_line(service, tmp_path)


def test_a_hundred_thousand_rows_take_no_more_memory_than_a_thousand(fast: Batchctl, door: DoorTarget) -> None:
    fast.write("few.csv", rows(1_000, bad_every=100))
    fast.write("many.csv", rows(100_000, bad_every=100))
    few_code, few_kib = peak_kib(fast, "import", "things", "few.csv", "--errors", "few.bad.csv")
    many_code, many_kib = peak_kib(fast, "import", "things", "many.csv", "--errors", "many.bad.csv")
    assert (few_code, many_code) == (1, 1)
    assert many_kib < few_kib + 10 * 1024
    assert many_kib < 64 * 1024
    with (fast.folder / "many.bad.csv").open(newline="") as file:
        bad = list(csv.DictReader(file))
    assert len(bad) == 1000
    assert {(row["name"], row["note"], row["batchctl:error"]) for row in bad} == {("", "x", "Missing name")}
    assert [int(row["batchctl:line"]) for row in bad] == [2 + number for number in range(0, 100_000, 100)]
    created = (item["body"] for group in door.groups for item in group)
    assert sum(1 for body in created if "name" in body) == 99_000 + 990
    job_id = json.loads(fast("jobs", "list", "--limit", "1", "-o", "json").out)[0]["jobId"]
    code, kib = peak_kib(fast, "jobs", "results", job_id, "-o", "csv")
    assert (code, kib < few_kib + 10 * 1024) == (0, True)
    assert len(fast("jobs", "results", job_id, "-o", "ndjson").out.splitlines()) == 100_000
