from batch_service.adapters.job_store import SqlJobStore
from batch_service.domain.job import ErrorGroup
from tests.batch_service.conformance.results import bad, claim, good, record
from tests.batch_service.making import OWNER, add_job, make_job


def test_failures_are_grouped_the_most_frequent_first(store: SqlJobStore) -> None:
    for _ in range(2):
        job = make_job(12)
        add_job(store, job, chunk_items=12)
        results = [
            *[bad(n) for n in (11, 3, 5, 7)],
            *[bad(n, code=409, error="Taken 'é'") for n in (0, 1, 2, 4, 6, 8, 10)],
            bad(9, code=409, error="Missing password"),
        ]
        record(store, claim(store), results, last=True)
    assert store.error_groups(job.id, OWNER, limit=10, indexes=3) == [
        ErrorGroup(409, "Taken 'é'", 7, (0, 1, 2)),
        ErrorGroup(400, "Missing password", 4, (3, 5, 7)),
        ErrorGroup(409, "Missing password", 1, (9,)),
    ]


def test_only_so_many_groups_are_told(store: SqlJobStore) -> None:
    job = make_job(9)
    add_job(store, job, chunk_items=9)
    record(store, claim(store), [bad(n, error=f"fault {n}") for n in range(9)], last=True)
    groups = store.error_groups(job.id, OWNER, limit=4, indexes=1)
    assert [(group.count, group.indexes) for group in groups] == [(1, (n,)) for n in range(4)]


def test_where_nothing_failed_there_is_no_group(store: SqlJobStore) -> None:
    job = make_job(2)
    add_job(store, job, chunk_items=2)
    record(store, claim(store), [good(0)])
    assert store.error_groups(job.id, OWNER, limit=10, indexes=3) == []
