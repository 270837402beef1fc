from collections.abc import Iterable

from batch_service.adapters.job_store import SqlJobStore
from batch_service.domain.chunk import Claim
from batch_service.domain.item import ItemResult
from batch_service.domain.job import Job

LEASE_S = 30.0


def good(index: int) -> ItemResult:
    return ItemResult(index, 201, b'{"id":%d}' % index, {"Location": f"/{index}"}, attempts=1)


def bad(index: int, *, code: int = 400, error: str = "Missing password") -> ItemResult:
    return ItemResult(index, code, b'{"error":"x"}', attempts=2, error=error)


def claim(store: SqlJobStore, owner: str = "a") -> Claim:
    claim = store.claim(owner, lease_s=LEASE_S)
    assert claim is not None
    return claim


def record(store: SqlJobStore, claim: Claim, results: Iterable[ItemResult], *, last: bool = False) -> Job:
    return store.record(claim, list(results), lease_s=LEASE_S, last=last)


def positions(claim: Claim) -> list[int]:
    return [item.index for item in claim.items]
