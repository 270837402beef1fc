"""Whether what was promised was kept: what clients were told, what the jobs say, and what the target holds."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.ledger import Entry, Kind

RUNNING = ("queued", "running")
# What these say of an item is that it was not sent.
_NOT_SENT = ("cancelled", "too_many_errors")


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Batch:
    """What a client sent under one key, and the ids with which it was accepted: one, however often it was sent."""

    key: str
    entity: str
    items: Sequence[Item]
    job_ids: Sequence[str]
    retries: list[str] = field(default_factory=list)
    """The jobs in which it was tried again, each a retry of the one before."""
    may_be_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    index: int
    code: str | None
    """None: not final."""
    reason: str | None = None
    """The word of a problem document."""

    @property
    def is_success(self) -> bool:
        return self.code is not None and self.code.startswith("2")


@dataclass(frozen=True, slots=True)
class Poll:
    """A job as it stood when somebody looked."""

    job_id: str
    status: str
    total: int
    pending: int
    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    batches: Sequence[Batch]
    polls: Sequence[Poll]
    """In the order of time; the last of a job is its end."""
    results: Mapping[str, Sequence[Result]]
    """By job; a job that is not there has vanished."""
    merged: Mapping[str, Sequence[Result]] = field(default_factory=dict)
    """By the last retry of a batch: the latest result of each of its items."""
    listed: Collection[str]
    """Every job that the service knows."""
    ledger: Sequence[Entry]
    sent_once: Collection[str] = ()
    """Entities without idempotent_writes."""


@dataclass(slots=True)
class Verdict:
    accepted: int = 0
    finished: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What is neither lost nor applied twice, and yet not as promised."""


def check(evidence: Evidence) -> Verdict:
    """Judge the evidence of a run that has come to rest."""
    verdict = Verdict()
    effects = Counter(entry.name for entry in evidence.ledger if entry.kind is Kind.EFFECT)
    for batch in evidence.batches:
        _judge_batch(batch, evidence, effects, verdict)
    verdict.twice += _applied_twice(evidence, effects)
    verdict.twice += _jobs_of_nobody(evidence)
    verdict.wrong += _sent_again(evidence)
    verdict.wrong += _odd_polls(evidence.polls)
    return verdict


def _judge_batch(batch: Batch, evidence: Evidence, effects: Mapping[str, int], verdict: Verdict) -> None:
    verdict.accepted += len(batch.items)
    if len(set(batch.job_ids)) > 1:
        verdict.twice.append(f"batch {batch.key} became {len(set(batch.job_ids))} jobs")
    job_id = batch.job_ids[0]
    if job_id not in evidence.results:
        verdict.lost += [f"{item.name}: job {job_id} is gone" for item in batch.items]
        return
    results = evidence.results[job_id]
    for retry in batch.retries:
        _judge_retry(retry, evidence, verdict)
    latest = evidence.merged.get(batch.retries[-1], []) if batch.retries else results
    if [result.index for result in results] != list(range(len(batch.items))):
        verdict.wrong.append(f"job {job_id}: results of {[result.index for result in results][:20]}… are not one each in order")
    by_index: dict[int, list[Result]] = {}
    for result in latest:
        by_index.setdefault(result.index, []).append(result)
    for index, item in enumerate(batch.items):
        _judge_item(item, by_index.get(index, []), effects, verdict)
    _judge_counts(job_id, results, evidence.polls, verdict)


def _judge_retry(job_id: str, evidence: Evidence, verdict: Verdict) -> None:
    results = evidence.results.get(job_id, [])
    if not results or any(result.code is None for result in results):
        verdict.lost.append(f"retry {job_id}: {sum(result.code is not None for result in results)} of {len(results)} are final")
    else:
        _judge_counts(job_id, results, evidence.polls, verdict)


def _judge_item(item: Item, results: Sequence[Result], effects: Mapping[str, int], verdict: Verdict) -> None:
    final = [result for result in results if result.code is not None]
    if len(final) != 1 or len(results) != 1:
        verdict.lost.append(f"{item.name}: {len(final)} final results")
        return
    verdict.finished += 1
    (result,) = final
    if result.is_success and effects.get(item.name, 0) == 0:
        verdict.lost.append(f"{item.name}: {result.code} without an effect")
    if result.reason == "username_taken":  # names are unique: only the item itself can have taken it
        verdict.twice.append(f"{item.name}: refused as taken")
    if result.reason in _NOT_SENT and effects.get(item.name, 0) > 0:
        verdict.wrong.append(f"{item.name}: told {result.reason}, and yet applied")


def _judge_counts(job_id: str, results: Sequence[Result], polls: Sequence[Poll], verdict: Verdict) -> None:
    succeeded = sum(result.is_success for result in results)
    failed = sum(result.code is not None for result in results) - succeeded
    last = next((poll for poll in reversed(polls) if poll.job_id == job_id), None)
    if last is None:
        verdict.wrong.append(f"job {job_id} was never seen")
    elif last.status in RUNNING:
        verdict.wrong.append(f"job {job_id} did not end in time: {last}")
    elif (last.total, last.succeeded, last.failed) != (len(results), succeeded, failed):
        verdict.wrong.append(f"job {job_id} counts {last}, its results {succeeded} and {failed}")


def _applied_twice(evidence: Evidence, effects: Mapping[str, int]) -> Iterator[str]:
    yield from (f"{name}: {count} effects" for name, count in effects.items() if count > 1)
    keys = Counter(
        (entry.collection, entry.key) for entry in evidence.ledger if entry.kind is Kind.EFFECT and entry.key is not None
    )
    yield from (f"key {key}: {count} effects" for (_, key), count in keys.items() if count > 1)


def _jobs_of_nobody(evidence: Evidence) -> Iterator[str]:
    promised = {job_id for batch in evidence.batches for job_id in (*batch.job_ids, *batch.retries)}
    yield from (f"job {job_id} was promised to nobody" for job_id in evidence.listed if job_id not in promised)


def _sent_again(evidence: Evidence) -> Iterator[str]:
    """Find what came a second time though the first had not been refused, where a second time may do harm."""
    came: Counter[str] = Counter()
    for entry in evidence.ledger:
        if entry.collection in evidence.sent_once and entry.method == "POST":
            came[entry.name] += {Kind.ARRIVAL: 1, Kind.REFUSAL: -1}.get(entry.kind, 0)
    yield from (f"{name}: sent {count} times" for name, count in came.items() if count > 1)


def _odd_polls(polls: Sequence[Poll]) -> Iterator[str]:
    before: dict[str, Poll] = {}
    for poll in polls:
        last = before.get(poll.job_id, poll)
        if poll.pending + poll.succeeded + poll.failed != poll.total or min(poll.pending, poll.succeeded, poll.failed) < 0:
            yield f"counts do not add up: {poll}"
        if poll.pending > last.pending or poll.succeeded < last.succeeded or poll.failed < last.failed:
            yield f"a job goes backwards: {last}, then {poll}"
        if last.status not in RUNNING and poll != last:
            yield f"a job that had ended changed: {last}, then {poll}"
        if poll.status not in RUNNING and poll.pending:
            yield f"a job ended with items pending: {poll}"
        before[poll.job_id] = poll
