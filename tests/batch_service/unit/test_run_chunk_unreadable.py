"""Items whose stored payload cannot be opened: they end, and nothing of them is sent."""

import pytest

from batch_service.adapters.tables import items, job_keys
from tests.batch_service.making import make_entity, make_item, make_vault
from tests.batch_service.unit.bench import Bench


def spoil_item(bench: Bench, position: int) -> None:
    with bench.store.database.writing() as connection:
        connection.execute(items.update().where(items.c.position == position).values(request=b"\x01" + b"x" * 60))


def test_it_ends_and_its_neighbours_are_sent(bench: Bench) -> None:
    job_id = bench.add(*[make_item(n) for n in range(3)])
    spoil_item(bench, 1)
    assert bench.run().status == "partial"
    assert (bench.codes(job_id), bench.problems(job_id)) == ([201, 500, 201], ["payload_unreadable"])
    assert bench.sent == [0, 2]


@pytest.mark.parametrize("key", ["request_key", "result_key"])
def test_a_job_whose_key_is_damaged_ends_once_and_for_all(bench: Bench, key: str) -> None:
    job_id = bench.add(make_item(0), make_item(1))
    with bench.store.database.writing() as connection:
        connection.execute(job_keys.update().values({key: b"damaged"}))
    bench.store.vault = make_vault()
    assert bench.run().status == "failed"
    assert bench.problems(job_id) == ["payload_unreadable"] * 2
    assert bench.sent == []
    assert bench.store.claim("another", lease_s=15) is None


@pytest.mark.parametrize(("honours_keys", "method"), [(True, "POST"), (False, "POST"), (True, "PUT")])
def test_one_that_a_worker_may_have_sent_before_is_not_said_to_be_unsent(
    bench: Bench, method: str, *, honours_keys: bool
) -> None:
    bench.entity = make_entity(idempotent_writes=honours_keys)
    job_id = bench.add(make_item(0, method=method))
    died = bench.claim(lease_s=-1)
    bench.store.mark_sent(died, [0], lease_s=-1)
    spoil_item(bench, 0)
    bench.run()
    assert bench.problems(job_id) == ["outcome_unknown"]
    assert bench.sent == []
