"""The worker may be killed at any moment: every item ends with one result, and no write is blindly sent twice."""

import signal
from collections import Counter
from pathlib import Path
from typing import Any

from tests.batch_service.processes import BatchService
from tests.batch_service.waiting import eventually
from tests.system.ledger import Ledger, batch

ITEMS = 400


def run_with_kills(service: BatchService, ledger: Ledger) -> tuple[str, list[Any]]:
    """Kill the worker twice in the middle of a job; return how the job ended, and its results."""
    job_id = service.submit("things", batch(ITEMS))
    for _ in range(2):
        so_far = len(ledger.asked)
        eventually(lambda so_far=so_far: len(ledger.asked) > so_far + 40)  # type: ignore[misc]
        service.stop("worker", signal.SIGKILL)
        service.start("worker")
    job = service.ended(job_id)
    results = service.all_results(job_id)
    assert [result["index"] for result in results] == list(range(ITEMS))
    codes = Counter(result["responseCode"] for result in results)
    assert job["counts"] == {
        "total": ITEMS, "pending": 0, "succeeded": codes["201"], "failed": ITEMS - codes["201"],
    }  # fmt: skip
    return job["status"], results


def test_what_may_have_been_applied_is_not_sent_again(tmp_path: Path, database_url: str, ledger: Ledger) -> None:
    with BatchService(tmp_path, database_url, ledger.registry(), CHUNK_ITEMS=20, LEASE_S=1) as service:
        status, results = run_with_kills(service, ledger)
        assert status == "partial"
        assert max(ledger.seen.values()) == 1
        for result in results:
            if result["responseCode"] == "201":
                assert ledger.seen[result["index"]] == 1
            else:
                assert (result["responseCode"], result["responseBody"]["code"]) == ("409", "outcome_unknown")
                assert result["responseBody"]["error"].startswith("outcome unknown")


def test_where_keys_are_honoured_everything_is_sent_to_the_end(tmp_path: Path, database_url: str, ledger: Ledger) -> None:
    registry = ledger.registry(idempotent_writes="true")
    with BatchService(tmp_path, database_url, registry, CHUNK_ITEMS=20, LEASE_S=1) as service:
        status, _ = run_with_kills(service, ledger)
        assert status == "succeeded"
        assert set(ledger.seen) == set(range(ITEMS))


def test_a_worker_that_is_told_to_stop_leaves_nothing_in_doubt(tmp_path: Path, database_url: str, ledger: Ledger) -> None:
    with BatchService(tmp_path, database_url, ledger.registry(), CHUNK_ITEMS=50) as service:
        job_id = service.submit("things", batch(ITEMS))
        eventually(lambda: len(ledger.asked) > 40)
        assert service.stop("worker") == 0
        assert len(ledger.asked) < ITEMS
        service.start("worker")
        service.ended(job_id)
        assert [result for result in service.all_results(job_id) if result["responseCode"] != "201"] == []
        assert ledger.seen == dict.fromkeys(range(ITEMS), 1)


def test_a_job_goes_on_while_nobody_serves(tmp_path: Path, database_url: str, ledger: Ledger) -> None:
    with BatchService(tmp_path, database_url, ledger.registry(), CHUNK_ITEMS=50) as service:
        job_id = service.submit("things", batch(ITEMS))
        service.stop("serve", signal.SIGKILL)
        eventually(lambda: len(ledger.seen) == ITEMS)
        service.start("serve")
        assert service.ended(job_id)["counts"]["succeeded"] == ITEMS
