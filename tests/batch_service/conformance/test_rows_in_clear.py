"""Jobs that the version before accepted: in clear as they are, they run, are read, and are tried again."""

import hashlib
import hmac
from dataclasses import replace

import pytest

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import batch_keys, chunks, items, jobs
from batch_service.domain.errors import KeyReusedError
from batch_service.domain.item import Item
from batch_service.domain.ports import BatchKey, Retry
from servicekit.ids import new_id
from tests.batch_service.conformance.results import bad, claim, good, record
from tests.batch_service.conformance.rows import column
from tests.batch_service.making import OWNER, URL, add_job, make_job

SALT = b"salt"


@pytest.fixture
def job_id(store: SqlJobStore) -> str:
    """Rows as that version wrote them: by the columns that it knew."""
    job_id = new_id()
    counts = {"total": 2, "succeeded": 0, "failed": 0, "created_at": 1}
    owner = {"tenant": OWNER.tenant, "subject": OWNER.subject}
    fingerprint = hmac.digest(SALT, b"batch", hashlib.sha256)
    caller = hashlib.sha256(f"{len(OWNER.tenant)}:{OWNER.tenant}{OWNER.subject}".encode()).hexdigest()
    key = {"caller": caller, "key": "import-1", "job_id": job_id, "salt": SALT, "fingerprint": fingerprint}
    item = {
        "job_id": job_id,
        "method": "PUT",
        "target": URL,
        "headers": b'{"if-match":"1"}',
        "status": "pending",
        "attempts": 0,
    }
    with store.database.writing() as connection:
        connection.execute(jobs.insert().values(id=job_id, entity="things", status="queued", **counts, **owner))
        connection.execute(
            chunks.insert().values(job_id=job_id, number=0, first_index=0, last_index=1, status="pending", fence=0, claims=0)
        )
        connection.execute(
            items.insert(), [{**item, "position": n, "root_position": n, "body": b'{"n":%d}' % n} for n in range(2)]
        )
        connection.execute(batch_keys.insert().values(key))
    return job_id


def test_it_is_sent_as_it_was(store: SqlJobStore, job_id: str) -> None:
    sent = [Item(n, None, "PUT", URL, {"if-match": "1"}, b'{"n":%d}' % n) for n in range(2)]
    assert list(claim(store).items) == sent


def test_its_results_are_read_and_grouped(store: SqlJobStore, job_id: str) -> None:
    record(store, claim(store), [good(0), bad(1)], last=True)
    rows = store.results(job_id, OWNER, limit=10, after=None, status=None)
    assert [(row.response_body, row.response_headers) for row in rows] == [
        (b'{"id":0}', {"Location": "/0"}),
        (b'{"error":"x"}', {}),
    ]
    (group,) = store.error_groups(job_id, OWNER, limit=10, indexes=10)
    assert (group.error, group.indexes) == ("Missing password", (1,))
    assert column(store.database, items.c.body, job_id) == [None, b'{"n":1}']


def test_it_can_be_tried_again_and_what_comes_back_is_sealed(store: SqlJobStore, job_id: str) -> None:
    record(store, claim(store), [good(0), bad(1)], last=True)
    again = Retry(new_id(), job_id, OWNER, chunk_items=2, expires_after_s=60.0, include_unknown=False)
    store.add_retry(again, max_pending_items=10)
    claimed = claim(store)
    assert [(item.headers, item.body) for item in claimed.items] == [({"if-match": "1"}, b'{"n":1}')]
    record(store, claimed, [good(0)], last=True)
    assert column(store.database, items.c.response_body, again.id) == [None]
    merged = store.results(again.id, OWNER, limit=10, after=None, status=None, merged=True)
    assert [row.response_body for row in merged] == [b'{"id":0}', b'{"id":0}']


def test_its_key_is_known(store: SqlJobStore, job_id: str) -> None:
    job = make_job(key=BatchKey("import-1", b"batch"))
    assert add_job(store, job, chunk_items=1) == job_id
    with pytest.raises(KeyReusedError):
        add_job(store, replace(job, key=BatchKey("import-1", b"another")), chunk_items=1)


def test_what_it_would_be_tried_again_with_is_erased_in_time(store: SqlJobStore, job_id: str) -> None:
    record(store, claim(store), [bad(0), bad(1)], last=True)
    assert store.erase_requests(retry_window_s=-1, limit=10) == 1
    for name in ("headers", "body"):
        assert column(store.database, items.c[name], job_id) == [None, None]
    assert column(store.database, items.c.target, job_id) == ["", ""]
