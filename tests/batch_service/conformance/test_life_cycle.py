"""The life of jobs as a state machine: whatever happens in whatever order, counts add up and what is final stays.

Hypothesis chooses the order of submissions, claims, results, dead workers, cancels, deadlines and retries; in the end every
accepted item has exactly one final result.
"""

from contextlib import suppress
from dataclasses import replace

import hypothesis.strategies as st
import sqlalchemy as sa
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from batch_service.adapters.job_store import SqlJobStore
from batch_service.adapters.tables import chunks, items, jobs
from batch_service.domain.chunk import Claim, Unfinished
from batch_service.domain.errors import JobFinishedError, JobRunningError, LeaseLostError, NothingToRetryError
from batch_service.domain.ports import Retry
from servicekit.ids import new_id
from tests.batch_service.conformance.results import bad, good
from tests.batch_service.conformance.rows import check_counts, expire_leases
from tests.batch_service.making import OWNER, add_job, make_item, make_job, make_refused

ANY = st.integers(0, 1_000)


class LifeCycle(RuleBasedStateMachine):
    def __init__(self, store: SqlJobStore) -> None:
        super().__init__()
        self.store = store
        self.job_ids: list[str] = []
        self.claims: list[Claim] = []
        self.written: dict[tuple[str, int, int], set[int]] = {}
        self.final_jobs: dict[str, str] = {}
        self.final_items: dict[tuple[str, int], int] = {}
        with store.database.writing() as connection:
            connection.execute(jobs.delete())

    @rule(count=st.integers(1, 5), refused=st.booleans(), max_errors=st.sampled_from([None, 1, 3]))
    def submit(self, count: int, refused: bool, max_errors: int | None) -> None:
        sent = [make_refused(n) if refused and n == 0 else make_item(n) for n in range(count)]
        self.job_ids.append(add_job(self.store, replace(make_job(), items=sent, max_errors=max_errors), chunk_items=2))

    @rule()
    def claim(self) -> None:
        claim = self.store.claim("any", lease_s=60)
        if claim is not None:
            self.claims.append(claim)

    @precondition(lambda self: self.claims)
    @rule(which=ANY, succeeds=st.lists(st.booleans(), min_size=2, max_size=2), last=st.booleans())
    def record(self, which: int, succeeds: list[bool], last: bool) -> None:
        """A worker writes: all of its chunk, or the first item; a worker past its lease writes nothing."""
        claim = self.claims[which % len(self.claims)]
        # A worker knows what it wrote itself, and nothing of what another one has written meanwhile.
        written_before = self.written.setdefault((claim.job_id, claim.number, claim.fence), set())
        open_items = [item for item in claim.items if item.index not in written_before]
        written = open_items if last else open_items[:1]
        results = [good(item.index) if succeeds[n] else bad(item.index) for n, item in enumerate(written)]
        with suppress(LeaseLostError):
            self.store.record(claim, results, lease_s=60, last=last)
            written_before.update(item.index for item in written)
            if last:
                self.claims.remove(claim)

    @precondition(lambda self: self.claims)
    @rule()
    def everyone_writes(self) -> None:
        """Those that lost their lease included, who think that they are at work."""
        for which in range(len(self.claims)):
            self.record(which, [True, True], False)

    @precondition(lambda self: self.claims)
    @rule(which=ANY)
    def release(self, which: int) -> None:
        claim = self.claims.pop(which % len(self.claims))
        with suppress(LeaseLostError):
            self.store.release(claim)

    @precondition(lambda self: self.claims)
    @rule(which=ANY, unclear=st.booleans())
    def let_wait(self, which: int, unclear: bool) -> None:
        """A worker sent something that is to be tried again later, and has nothing else to do."""
        claim = self.claims.pop(which % len(self.claims))
        written = self.written.get((claim.job_id, claim.number, claim.fence), set())
        left = [Unfinished(item.index, 1, unclear, wait_s=60) for item in claim.items if item.index not in written]
        with suppress(LeaseLostError):
            self.store.release(claim, left, wait_s=60)

    @rule()
    def time_passes(self) -> None:
        with self.store.database.writing() as connection:
            connection.execute(chunks.update().values(not_before=None))

    @precondition(lambda self: self.claims)
    @rule()
    def workers_fall_silent(self) -> None:
        """Their leases run out and others take over; they do not know it, and may write later."""
        expire_leases(self.store.database)
        for _ in self.claims.copy():
            self.claim()

    @precondition(lambda self: self.job_ids)
    @rule(which=ANY)
    def cancel(self, which: int) -> None:
        with suppress(JobFinishedError):
            self.store.cancel(self.job_ids[which % len(self.job_ids)], OWNER)

    @precondition(lambda self: self.job_ids)
    @rule(which=ANY)
    def expire(self, which: int) -> None:
        job_id = self.job_ids[which % len(self.job_ids)]
        with self.store.database.writing() as connection:
            connection.execute(jobs.update().where(jobs.c.id == job_id).values(expires_at=1))
        self.store.expire_due()

    @precondition(lambda self: self.job_ids)
    @rule(which=ANY, include_unknown=st.booleans())
    def retry(self, which: int, include_unknown: bool) -> None:
        of = self.job_ids[which % len(self.job_ids)]
        retry = Retry(new_id(), of, OWNER, chunk_items=2, expires_after_s=60.0, include_unknown=include_unknown)
        with suppress(JobRunningError, NothingToRetryError):
            self.store.add_retry(retry, max_pending_items=1_000_000)
            self.job_ids.append(retry.id)

    @invariant()
    def counts_equal_rows(self) -> None:
        for job_id in self.job_ids:
            check_counts(self.store, job_id)

    @invariant()
    def a_job_that_ended_stays_as_it_is(self) -> None:
        for job_id in self.job_ids:
            job = self.store.get(job_id, OWNER)
            assert self.final_jobs.get(job_id, job.status) == job.status
            assert job.status.is_final == (job.counts.pending == 0), job
            if job.status.is_final:
                self.final_jobs[job_id] = job.status

    @invariant()
    def a_result_that_is_final_stays_as_it_is(self) -> None:
        query = sa.select(items.c.job_id, items.c.position, items.c.response_code).where(items.c.status != "pending")
        with self.store.database.reading() as connection:
            found = {(job_id, position): code for job_id, position, code in connection.execute(query)}
        assert all(found.get(place) == code for place, code in self.final_items.items())
        self.final_items = found

    def teardown(self) -> None:
        """Whatever state the jobs are in, one worker that lives brings all of them to an end."""
        expire_leases(self.store.database)
        self.time_passes()
        while (claim := self.store.claim("the last", lease_s=60)) is not None:
            self.store.record(claim, [good(item.index) for item in claim.items], lease_s=60, last=True)
        for job_id in self.job_ids:
            assert self.store.get(job_id, OWNER).status.is_final
            check_counts(self.store, job_id)
        with self.store.database.writing() as connection:
            connection.execute(jobs.delete())


def test_whatever_happens_counts_add_up_and_what_is_final_stays(store: SqlJobStore) -> None:
    class OnThisStore(LifeCycle):
        def __init__(self) -> None:
            super().__init__(store)

    limits = settings(max_examples=15, stateful_step_count=20, deadline=None, database=None)
    run_state_machine_as_test(OnThisStore, settings=limits)
