"""One fault on one database and one broker, from an empty database to a row of the table."""

import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import requests

from tests.faults.api_client import ApiClient, AwayError
from tests.faults.bench import Bench, BenchError, StalledError
from tests.faults.fault import UNKNOWN, Fault, NotTriedError
from tests.faults.oracle import Evidence, Result, Verdict, check
from tests.faults.submitter import until

_READ_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    fault: str
    database: str
    broker: str
    tried: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    not_tried: str = ""

    @property
    def is_good(self) -> bool:
        verdict = self.verdict
        return bool(self.not_tried) or (verdict.accepted > 0 and not (verdict.lost or verdict.twice or verdict.wrong))


def run_fault(fault: Fault, *, database: str, broker: str, times: int, seed: int) -> Row:
    """Break what is to be broken so many times while batches run, and judge what became of them."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        try:
            with Bench(fault, database=database, broker=broker, folder=Path(folder)) as bench:
                random = Random(f"{seed} {fault.name} {database} {broker}")
                tried, stalled = _inflict(fault, bench, random, times)
                for client in bench.clients:
                    client.finish(within_s=fault.ends_within_s)
                verdict = _judge(fault, bench)
                verdict.wrong += stalled
                row = Row(fault=fault.name, database=database, broker=broker, tried=tried, verdict=verdict)
                if not row.is_good:
                    sys.stderr.write(bench.processes.log_tails() + "\n")
                return row
        except NotTriedError as why:
            return Row(fault=fault.name, database=database, broker=broker, not_tried=str(why))
        except (BenchError, AwayError, requests.RequestException) as error:
            broken = Verdict(wrong=[f"the run broke off: {error}"])
            return Row(fault=fault.name, database=database, broker=broker, verdict=broken)


def _inflict(fault: Fault, bench: Bench, random: Random, times: int) -> tuple[int, list[str]]:
    """Return how often it was done, and why not more often."""
    for tried in range(times):
        try:
            fault.inflict(bench, random)
        except StalledError as error:
            return tried + 1, [str(error)]
    return times, []


def _judge(fault: Fault, bench: Bench) -> Verdict:
    evidence, odd_answers = _gather(bench)
    verdict = check(evidence)
    verdict.wrong += odd_answers
    verdict.wrong += _odd_ends(fault, evidence)
    verdict.wrong += [f"{name} ended by itself" for name in bench.processes.ended_by_themselves()]
    verdict.wrong += [complaint for client in bench.clients for complaint in client.complaints()]
    verdict.wrong += fault.look(bench, evidence)
    return verdict


def _gather(bench: Bench) -> tuple[Evidence, list[str]]:
    """Collect what all clients saw, and what the service and the target say now; and the answers nobody should have had."""
    odd_answers = [answer for client in bench.clients for answer in client.odd_answers]
    batches = [batch for client in bench.clients for batch in client.batches]
    api = ApiClient(bench.url, odd_answers)
    deadline = time.monotonic() + _READ_WITHIN_S
    job_ids = [job_id for batch in batches for job_id in (*batch.job_ids, *batch.retries)]
    results = {job_id: _results(api, job_id, deadline=deadline) for job_id in job_ids}
    last = [batch.retries[-1] for batch in batches if batch.retries]
    merged = {job_id: _results(api, job_id, deadline=deadline, view="merged") for job_id in last}
    evidence = Evidence(
        batches=batches,
        polls=[poll for client in bench.clients for poll in client.polls],
        results={job_id: found for job_id, found in results.items() if found is not None},
        merged={job_id: found for job_id, found in merged.items() if found is not None},
        listed=list(api.jobs()),
        ledger=bench.target.ledger(),
        sent_once=bench.target.sent_once,
    )
    return evidence, odd_answers


def _results(api: ApiClient, job_id: str, *, deadline: float, view: str = "own") -> list[Result] | None:
    """Read the results of a job; None if the service does not know it any more."""
    found: list[list[Result]] = []

    def read() -> bool:
        try:
            found.append(list(api.results(job_id, view=view)))
        except AwayError as error:
            return str(error) == "404"
        return True

    until(read, within_s=deadline - time.monotonic())
    return found[0] if found else None


def _odd_ends(fault: Fault, evidence: Evidence) -> list[str]:
    odd = []
    for batch in evidence.batches:
        allowed = fault.may_end(batch.entity, sent_once=batch.entity in evidence.sent_once)
        if batch.may_be_cancelled:
            allowed |= {"cancelled", UNKNOWN}
        for result in evidence.results.get(batch.job_ids[0], []):
            if result.code is not None and not {result.code, result.reason} & allowed:
                odd.append(f"{batch.entity} {batch.items[result.index].name} ended as {result.code} {result.reason}")
    return odd
