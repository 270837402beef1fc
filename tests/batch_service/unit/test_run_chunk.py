import sqlalchemy as sa

from batch_service.adapters.tables import chunks
from batch_service.domain.attempt import Answered, Outcome, Request
from tests.batch_service.making import OWNER, URL, add_job, make_entity, make_item, make_job, make_refused
from tests.batch_service.scripted_fan_out import keep
from tests.batch_service.unit.bench import Bench
from tests.batch_service.waiting import eventually

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_every_item_is_sent_once_and_ends_with_its_answer(bench: Bench) -> None:
    bench.fan_out.script = lambda request, _: Answered(request.index, 201 + request.index, None, {}, b"")
    job_id = bench.add(*[make_item(n) for n in range(30)])
    job = bench.run()
    assert (job.id, job.status, job.counts.succeeded) == (job_id, "succeeded", 30)
    assert bench.codes(job_id) == list(range(201, 231))
    assert sorted(bench.sent) == list(range(30))
    assert set(bench.attempts(job_id)) == {1}


def test_a_failure_is_its_own(bench: Bench) -> None:
    def script(request: Request, attempt: int) -> Outcome:
        return Answered(request.index, 409 if request.index == 1 else 201, "application/json", {}, b'{"error":"Taken"}')

    bench.fan_out.script = script
    job_id = bench.add(make_item(0), make_item(1), make_item(2))
    assert bench.run().status == "partial"
    assert bench.codes(job_id) == [201, 409, 201]
    assert [group.error for group in bench.store.error_groups(job_id, OWNER, limit=9, indexes=9)] == ["Taken"]


def test_refused_items_are_not_sent(bench: Bench) -> None:
    job_id = bench.add(make_item(0), make_refused(1), make_item(2))
    bench.run()
    assert sorted(bench.sent) == [0, 2]
    assert bench.codes(job_id) == [201, 400, 201]


def test_a_request_is_the_item_and_what_the_service_adds(bench: Bench) -> None:
    job_id = bench.add(make_item(0), make_item(1, method="GET", target=f"{URL}/1?q=1", body=None), traceparent=TRACEPARENT)
    bench.run()
    base = {"accept": "application/json", "traceparent": TRACEPARENT}
    write = {**base, "idempotency-key": f"{job_id}:0", "content-type": "application/json"}
    assert bench.fan_out.sent == [
        Request(0, "POST", URL, write, b'{"n":1}'),
        Request(1, "GET", f"{URL}/1?q=1", {**base, "idempotency-key": f"{job_id}:1"}, None),
    ]


def test_a_header_of_the_items_own_stays(bench: Bench) -> None:
    own = {
        "idempotency-key": "mine-0001",
        "accept": "text/plain",
        "content-type": "application/merge-patch+json",
        "traceparent": "x",
    }
    bench.add(make_item(0, method="PATCH", headers={**own, "if-match": '"1"'}), traceparent=TRACEPARENT)
    bench.run()
    assert bench.fan_out.sent[0].headers == {**own, "if-match": '"1"'}


def test_results_can_be_read_while_the_chunk_runs(bench: Bench) -> None:
    bench.fan_out.script = lambda request, _: None if request.index == 2 else Answered(request.index, 201)
    job_id = bench.add(*[make_item(n) for n in range(5)])
    running = bench.begin()
    eventually(lambda: bench.codes(job_id) == [201, 201, None, 201, 201])
    assert bench.store.get(job_id, OWNER).counts.pending == 1
    bench.fan_out.finish(Answered(2, 201))
    assert running.result(10).status == "succeeded"


def test_a_long_wait_keeps_its_lease(bench: Bench) -> None:
    def lease_until() -> int:
        with bench.store.database.reading() as connection:
            return int(connection.execute(sa.select(chunks.c.lease_until)).scalar_one() or 0)

    bench.fan_out.script = keep
    bench.add()
    running = bench.begin(bench.claim(lease_s=0.0))
    for _ in range(2):
        before = lease_until()
        eventually(lambda before=before: lease_until() > before)  # type: ignore[misc]
    bench.fan_out.finish(Answered(0, 201))
    assert running.result(10).status == "succeeded"


def test_after_the_error_that_stops_a_job_no_more_leave_than_were_at_work(bench: Bench) -> None:
    bench.fan_out.script = keep
    bench.entity = make_entity(concurrency=4, idempotent_writes=True)
    job_id = add_job(bench.store, make_job(40, max_errors=1), chunk_items=500)
    running = bench.begin()
    eventually(lambda: len(bench.sent) == 4)
    bench.fan_out.finish(Answered(0, 400))
    bench.fan_out.let_go()
    running.result(10)
    codes = bench.codes(job_id)
    assert codes[0] == 400
    assert codes.count(424) >= 40 - 4
