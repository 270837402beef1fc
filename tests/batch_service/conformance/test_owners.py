"""To whom a job does not belong there is no such job."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import jobs
from batch_service.domain.errors import JobNotFoundError
from batch_service.domain.owner import Owner
from batch_service.domain.ports import BatchKey, Retry
from servicekit.ids import new_id
from tests.batch_service.conformance.results import bad, claim, good, record
from tests.batch_service.making import OWNER, add_job, make_job

COLLEAGUE = Owner("acme", "bao")
ADMIN = Owner("acme", "root", is_admin=True)
STRANGERS = [
    COLLEAGUE,
    Owner("other", "ana"),  # of the same name, elsewhere
    Owner("other", "ana", is_admin=True),
    Owner("", ""),
    Owner("acme", "ANA"),
    Owner("acme", "' OR 1=1 --"),
    Owner("a", "cmeana"),  # the same letters, cut elsewhere
]
METHODS: dict[str, Callable[[SqlJobStore, str, Owner], object]] = {
    "get": lambda store, job_id, owner: store.get(job_id, owner),
    "results": lambda store, job_id, owner: store.results(job_id, owner, limit=9, after=None, status=None),
    "merged": lambda store, job_id, owner: store.results(job_id, owner, limit=9, after=None, status=None, merged=True),
    "finished": lambda store, job_id, owner: store.finished(job_id, owner, [0, 1]),
    "error_groups": lambda store, job_id, owner: store.error_groups(job_id, owner, limit=9, indexes=9),
    "cancel": lambda store, job_id, owner: store.cancel(job_id, owner),
    "make_patient": lambda store, job_id, owner: store.make_patient(job_id, owner),
    "delete": lambda store, job_id, owner: store.delete(job_id, owner),
    "add_retry": lambda store, job_id, owner: add_retry(store, job_id, owner=owner),
}


def add_retry(store: SqlJobStore, job_id: str, *, owner: Owner) -> str:
    new = Retry(new_id(), job_id, owner, chunk_items=2, expires_after_s=60.0, include_unknown=False)
    return store.add_retry(new, max_pending_items=100)


def ended(store: SqlJobStore) -> str:
    """A job of two items, of which the second failed."""
    job = make_job(2)
    add_job(store, job, chunk_items=2)
    record(store, claim(store), [good(0), bad(1)], last=True)
    return job.id


def snapshot(store: SqlJobStore) -> list[object]:
    with store.database.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.select(jobs).order_by(jobs.c.id))]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("stranger", STRANGERS, ids=str)
def test_to_a_stranger_there_is_no_job(store: SqlJobStore, method: str, stranger: Owner) -> None:
    job_id = ended(store)
    before = snapshot(store)
    with pytest.raises(JobNotFoundError) as of_another:
        METHODS[method](store, job_id, stranger)
    with pytest.raises(JobNotFoundError) as of_nobody:
        METHODS[method](store, new_id(), stranger)
    assert of_another.value.args == of_nobody.value.args
    assert snapshot(store) == before


@pytest.mark.parametrize("stranger", STRANGERS, ids=str)
def test_a_running_job_cannot_be_stopped_by_a_stranger(store: SqlJobStore, stranger: Owner) -> None:
    job_id = add_job(store, make_job(2), chunk_items=1)
    with pytest.raises(JobNotFoundError):
        store.cancel(job_id, stranger)
    assert store.get(job_id, OWNER).stop is None


@pytest.mark.parametrize("method", [name for name in METHODS if name != "cancel"])
def test_an_administrator_reaches_every_job_of_its_tenant(store: SqlJobStore, method: str) -> None:
    METHODS[method](store, ended(store), ADMIN)


def test_a_list_shows_what_its_reader_reaches(store: SqlJobStore) -> None:
    owners = [OWNER, COLLEAGUE, Owner("other", "ana"), OWNER]
    ids = [add_job(store, replace(make_job(), owner=owner), chunk_items=1) for owner in owners]

    def listed(owner: Owner) -> list[int]:
        return sorted(ids.index(job.id) for job in store.page(owner, limit=9, before=None, status=None, entity=None))

    assert listed(OWNER) == [0, 3]
    assert listed(COLLEAGUE) == [1]
    assert listed(ADMIN) == [0, 1, 3]
    assert listed(Owner("other", "root", is_admin=True)) == [2]
    assert listed(Owner("third", "ana", is_admin=True)) == []


def test_a_job_says_whose_it_is(store: SqlJobStore) -> None:
    job_id = add_job(store, make_job(), chunk_items=1)
    assert store.get(job_id, ADMIN).owner == OWNER


def test_what_an_administrator_retries_is_its_own(store: SqlJobStore) -> None:
    job_id = ended(store)
    new = add_retry(store, job_id, owner=ADMIN)
    assert store.get(new, ADMIN).owner == replace(ADMIN, is_admin=False)
    with pytest.raises(JobNotFoundError):
        store.get(new, OWNER)


def test_merged_results_end_where_another_owner_begins(store: SqlJobStore) -> None:
    """An administrator that is none any more sees no more of what it retried than it sent itself."""
    new = add_retry(store, ended(store), owner=ADMIN)
    assert len(store.results(new, ADMIN, limit=9, after=None, status=None, merged=True)) == 2
    former = replace(ADMIN, is_admin=False)
    assert [row.index for row in store.results(new, former, limit=9, after=None, status=None, merged=True)] == [1]


def test_a_key_is_its_owners_own(store: SqlJobStore) -> None:
    key = BatchKey("import-1", b"[1]")
    owners = [OWNER, *STRANGERS, ADMIN]
    ids = {add_job(store, make_job(owner=owner, key=key), chunk_items=1) for owner in owners}
    assert len(ids) == len(owners) - 1  # an administrator's keys are those of its subject
    assert add_job(store, make_job(key=key), chunk_items=1) in ids


def test_jobs_of_the_version_before_are_for_the_administrators_of_the_default_tenant(store: SqlJobStore) -> None:
    job_id = new_id()
    old = {"id": job_id, "entity": "things", "status": "queued", "total": 1, "succeeded": 0, "failed": 0, "created_at": 1}
    with store.database.writing() as connection:
        connection.execute(jobs.insert().values(old))
    assert store.get(job_id, Owner("default", "root", is_admin=True)).counts.total == 1
    with pytest.raises(JobNotFoundError):
        store.get(job_id, Owner("default", "ana"))
