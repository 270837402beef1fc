import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.domain.job import JobStatus
from tests.batch_service.making import OWNER, add_job, make_job


@pytest.fixture
def ids(store: SqlJobStore) -> list[str]:
    """Five jobs, the oldest first: the second is cancelled, the fourth of another entity."""
    jobs = [make_job(entity="others" if n == 3 else "things") for n in range(5)]
    for job in jobs:
        add_job(store, job, chunk_items=1)
    store.cancel(jobs[1].id, OWNER)
    return [job.id for job in jobs]


def test_jobs_are_listed_newest_first(store: SqlJobStore, ids: list[str]) -> None:
    page = store.page(OWNER, limit=3, before=None, status=None, entity=None)
    assert [job.id for job in page] == ids[:1:-1]
    rest = store.page(OWNER, limit=3, before=page[-1].id, status=None, entity=None)
    assert [job.id for job in rest] == [ids[1], ids[0]]


def test_a_status_and_an_entity_can_be_asked_for(store: SqlJobStore, ids: list[str]) -> None:
    def found(status: JobStatus | None, entity: str | None) -> list[int]:
        return [ids.index(job.id) for job in store.page(OWNER, limit=9, before=None, status=status, entity=entity)]

    assert found(JobStatus.CANCELLED, None) == [1]
    assert found(JobStatus.QUEUED, None) == [4, 3, 2, 0]
    assert found(JobStatus.QUEUED, "others") == [3]
    assert found(JobStatus.EXPIRED, None) == []
    assert found(None, "nothing") == []
