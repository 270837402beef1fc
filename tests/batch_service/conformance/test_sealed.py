"""What stands in the database cannot be read without the key ring, and cannot be put in another's place."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.payloads import SEALED, load_headers
from batch_service.adapters.sealing import UnreadableError
from batch_service.adapters.tables import items, job_keys, jobs, metadata
from batch_service.adapters.uploads import SqlUploads
from batch_service.domain.chunk import Claim
from batch_service.domain.credential import Credential
from batch_service.domain.errors import KeyReusedError
from batch_service.domain.item import Item, ItemResult
from batch_service.domain.outcome import refused
from batch_service.domain.ports import BatchKey, NewJob, ResultRow
from batch_service.domain.refusal import CANCELLED, PAYLOAD_UNREADABLE
from servicekit.database import Database
from servicekit.ids import new_id
from tests.batch_service.conformance.results import bad, claim, good, record
from tests.batch_service.conformance.rows import column
from tests.batch_service.making import OWNER, URL, add_job, make_item, make_job, make_refused

SECRET = "s3cr3t-canary"
CREDENTIAL = Credential(f"token-{SECRET}", None)


def secret_item(index: int) -> Item:
    headers = {"x-note": SECRET}
    return Item(index, None, "POST", f"{URL}/{SECRET}?q={SECRET}", headers, b'{"p":"%b"}' % SECRET.encode())


def secret_job(count: int = 2) -> NewJob:
    job = make_job(0, credential=CREDENTIAL, key=BatchKey(new_id(), b"batch"))
    return replace(job, items=[secret_item(n) for n in range(count)])


def everything(database: Database) -> Iterator[bytes]:
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select()):
                for value in row:
                    yield value if isinstance(value, bytes) else str(value).encode()


def holds_secret(database: Database) -> bool:
    return any(SECRET.encode() in value for value in everything(database))


def results(store: SqlJobStore, job_id: str) -> list[ResultRow]:
    return store.results(job_id, OWNER, limit=100, after=None, status=None)


def reopened(store: SqlJobStore) -> SqlJobStore:
    """The store of another process, which has no data key open yet."""
    return SqlJobStore(store.database, type(store.vault)(store.vault.ring))


def spoil(database: Database, table: sa.Table, job_id: str, **values: object) -> None:
    its_job = table.c.id if table is jobs else table.c.job_id
    with database.writing() as connection:
        connection.execute(table.update().where(its_job == job_id).values(values))


def check_unreadable(claimed: Claim) -> None:
    assert [(item.is_readable, item.target, item.body, item.headers) for item in claimed.items] == [(False, "", None, {})] * 2
    assert claimed.credential is None


def test_what_is_accepted_is_stored_sealed_and_claimed_as_it_was(store: SqlJobStore) -> None:
    job = secret_job()
    add_job(store, job, chunk_items=2)
    assert not holds_secret(store.database)
    claimed = claim(reopened(store))
    assert list(claimed.items) == list(job.items)
    assert (claimed.credential, claimed.credential_left_s) == (CREDENTIAL, None)


def test_what_is_streamed_in_is_stored_sealed(store: SqlJobStore) -> None:
    job, uploads = secret_job(), SqlUploads(store.database, store.vault)
    uploads.begin(job, lease_s=60)
    uploads.append(job.id, job.items, lease_s=60, max_pending_items=10)
    assert not holds_secret(store.database)
    uploads.complete(job)
    assert not holds_secret(store.database)
    claimed = claim(reopened(store))
    assert (list(claimed.items), claimed.credential) == (list(job.items), CREDENTIAL)


def test_what_came_back_is_stored_sealed_and_read_as_it_was(store: SqlJobStore) -> None:
    job = secret_job(3)
    add_job(store, job, chunk_items=3)
    body = b'"%b"' % SECRET.encode()
    answers = [
        ItemResult(0, 201, body, {"Location": SECRET}, 1, answered=True),
        ItemResult(1, 409, body, {}, 1, answered=True, error=f"{SECRET} is taken"),
        refused(2, CANCELLED),
    ]
    record(store, claim(store), answers, last=True)
    assert not holds_secret(store.database)
    found = results(reopened(store), job.id)
    assert [(row.response_body, row.response_headers, row.error) for row in found] == [
        (body, {"Location": SECRET}, None),
        (body, {}, f"{SECRET} is taken"),
        (refused(2, CANCELLED).body, {}, CANCELLED.error),
    ]


def test_what_is_refused_at_the_door_may_quote_it_and_is_sealed_too(store: SqlJobStore) -> None:
    quoting = replace(
        make_refused(0), refusal=replace(make_refused().refusal, error=f"No field {SECRET}", pointer=f"/{SECRET}")
    )
    job = replace(make_job(0), items=[quoting])
    add_job(store, job, chunk_items=1)
    assert not holds_secret(store.database)
    assert results(store, job.id)[0].error == f"No field {SECRET}"


def test_failures_are_grouped_by_sentences_that_nobody_can_read(store: SqlJobStore) -> None:
    for _ in range(2):
        job = make_job(5)
        add_job(store, job, chunk_items=5)
        sentences = [f"{SECRET} is taken", "no", f"{SECRET} is taken", CANCELLED.error, f"{SECRET} is taken"]
        record(store, claim(store), [bad(n, error=sentence) for n, sentence in enumerate(sentences)], last=True)
    assert not holds_secret(store.database)
    groups = reopened(store).error_groups(job.id, OWNER, limit=10, indexes=2)
    found = [(group.error, group.count, group.indexes) for group in groups]
    assert found == [(f"{SECRET} is taken", 3, (0, 2)), ("no", 1, (1,)), (CANCELLED.error, 1, (3,))]
    with store.database.reading() as connection:
        sealed = connection.execute(sa.select(items.c.job_id, items.c.sealed_error).distinct()).all()
    assert len({row.sealed_error for row in sealed if row.sealed_error}) == 4  # two jobs have nothing in common


def test_whether_a_batch_is_the_same_cannot_be_tried_without_the_key(store: SqlJobStore) -> None:
    job = secret_job()
    add_job(store, job, chunk_items=2)
    assert add_job(reopened(store), replace(job, id=new_id()), chunk_items=2) == job.id
    assert job.key is not None
    with pytest.raises(KeyReusedError):
        add_job(store, replace(job, id=new_id(), key=BatchKey(job.key.key, b"another")), chunk_items=2)


def test_no_two_blobs_have_one_nonce(store: SqlJobStore) -> None:
    same = [make_item(n) for n in range(200)]
    job = replace(make_job(0), items=same)
    add_job(store, job, chunk_items=200)
    record(store, claim(store), [replace(good(0), index=n) for n in range(0, 200, 2)])
    blobs = [*column(store.database, items.c.request, job.id), *column(store.database, items.c.response, job.id)]
    nonces = [blob[1:13] for blob in blobs if blob is not None]
    assert len(set(nonces)) == len(nonces) == 200


@pytest.mark.parametrize("name", ["request", "response"])
def test_a_blob_at_another_position_does_not_open(store: SqlJobStore, name: str) -> None:
    job = secret_job()
    add_job(store, job, chunk_items=2)
    if name == "response":
        record(store, claim(store), [good(0), good(1)], last=True)
    first, second = column(store.database, items.c[name], job.id)
    with store.database.writing() as connection:
        for position, blob in ((0, second), (1, first)):
            this = (items.c.job_id == job.id, items.c.position == position)
            connection.execute(items.update().where(*this).values({name: blob}))
    if name == "request":
        claimed = claim(store)
        assert [(item.is_readable, item.body) for item in claimed.items] == [(False, None)] * 2
    else:
        assert [row.response_body for row in results(store, job.id)] == [refused(0, PAYLOAD_UNREADABLE).body] * 2


def test_a_blob_does_not_open_in_another_job_or_in_another_column(store: SqlJobStore) -> None:
    mine, others = secret_job(1), secret_job(1)
    add_job(store, mine, chunk_items=1)
    add_job(store, others, chunk_items=1)
    stolen = column(store.database, items.c.request, mine.id)[0]
    spoil(store.database, items, others.id, request=stolen)
    readable = {claimed.job_id: claimed.items[0].is_readable for claimed in (claim(store), claim(store))}
    assert readable == {mine.id: True, others.id: False}
    spoil(store.database, items, mine.id, response=stolen, status="succeeded", response_code=200)
    assert results(store, mine.id)[0].response_body == refused(0, PAYLOAD_UNREADABLE).body


@pytest.mark.parametrize("keys_too", [False, True])
def test_a_job_that_is_given_to_another_tenant_does_not_open(store: SqlJobStore, *, keys_too: bool) -> None:
    """Not even to who can write to the database: the tenant is bound into the keys, the job into every blob."""
    job, theirs = secret_job(), make_job(2)
    add_job(store, job, chunk_items=2)
    add_job(store, theirs, chunk_items=2)
    spoil(store.database, jobs, job.id, tenant="mallory")
    if keys_too:
        with store.database.writing() as connection:
            row = connection.execute(job_keys.select().where(job_keys.c.job_id == theirs.id)).mappings().one()
            connection.execute(job_keys.update().where(job_keys.c.job_id == job.id).values({**row, "job_id": job.id}))
    check_unreadable(claim(reopened(store)))


@pytest.mark.parametrize("name", ["request_key", "result_key", "credential"])
@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01" + b"x" * 200, b"x" * 100])
def test_a_job_with_a_damaged_key_is_unreadable_and_ends(store: SqlJobStore, name: str, blob: bytes) -> None:
    job = secret_job()
    add_job(store, job, chunk_items=2)
    spoil(store.database, job_keys, job.id, **{name: blob})
    other = reopened(store)
    claimed = claim(other)
    check_unreadable(claimed)
    ended = record(other, claimed, [refused(item.index, PAYLOAD_UNREADABLE) for item in claimed.items], last=True)
    assert ended.status == "failed"
    assert [row.error for row in results(other, job.id)] == [PAYLOAD_UNREADABLE.error] * 2


def test_what_a_target_said_is_never_stored_in_clear_for_want_of_a_key(store: SqlJobStore) -> None:
    job = secret_job()
    add_job(store, job, chunk_items=2)
    spoil(store.database, job_keys, job.id, result_key=b"")
    other = reopened(store)
    claimed = claim(other)
    with pytest.raises(UnreadableError):
        record(other, claimed, [ItemResult(0, 200, SECRET.encode(), error=None)])
    assert not holds_secret(store.database)


def test_an_item_whose_blob_is_gone_is_unreadable_and_not_empty(store: SqlJobStore) -> None:
    """So it is where the version before copied a row whose sealed column it did not know."""
    job = secret_job()
    add_job(store, job, chunk_items=2)
    spoil(store.database, items, job.id, request=None)
    assert [item.is_readable for item in claim(store).items] == [False, False]


def test_the_version_before_cannot_take_a_sealed_item_for_an_empty_one(store: SqlJobStore) -> None:
    job = secret_job()
    add_job(store, job, chunk_items=2)
    record(store, claim(store), [good(0), bad(1)], last=True)
    for name in ("headers", "response_headers"):
        found = [value for value in column(store.database, items.c[name], job.id) if value is not None]
        assert set(found) == {SEALED}
    with pytest.raises(ValueError, match="unexpected character"):
        load_headers(SEALED)  # it reads headers first, of what it sends and of what it shows
