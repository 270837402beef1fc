"""The oracle finds each kind of loss in made-up data, and nothing where all is well."""

from collections.abc import Sequence
from dataclasses import replace

from tests.faults.ledger import Entry, Kind
from tests.faults.oracle import Batch, Evidence, Item, Poll, Result, check

JOB = "job-1"
NAMES = ("a", "b", "c")


def effect(name: str, *, key: str | None = None, collection: str = "things", kind: Kind = Kind.EFFECT) -> Entry:
    return Entry(kind, collection, "POST", name, key or f"{JOB}:{name}")


def poll(*, status: str = "succeeded", pending: int = 0, succeeded: int = 3, failed: int = 0, total: int = 3) -> Poll:
    return Poll(JOB, status, total, pending, succeeded, failed)


def results(*codes: str | None, reason: str | None = None) -> list[Result]:
    return [Result(index, code, reason if code and code[0] != "2" else None) for index, code in enumerate(codes)]


GOOD = Evidence(
    batches=[Batch("batch-1", "things", [Item(name) for name in NAMES], [JOB, JOB])],
    polls=[poll(status="running", pending=2, succeeded=1), poll()],
    results={JOB: results("201", "201", "201")},
    listed=[JOB],
    ledger=[effect(name) for name in NAMES],
)


def with_results(found: Sequence[Result], *, failed: int = 0) -> Evidence:
    return replace(GOOD, results={JOB: found}, polls=[poll(succeeded=3 - failed, failed=failed)])


def test_nothing_is_wrong_where_all_is_well() -> None:
    verdict = check(GOOD)
    assert (verdict.accepted, verdict.finished) == (3, 3)
    assert (verdict.lost, verdict.twice, verdict.wrong) == ([], [], [])


def test_a_job_that_is_gone_has_lost_every_item() -> None:
    verdict = check(replace(GOOD, results={}, listed=[]))
    assert (len(verdict.lost), verdict.finished) == (3, 0)


def test_an_item_without_a_final_result_is_lost() -> None:
    verdict = check(with_results(results("201", None, "201")))
    assert [sentence.split(":")[0] for sentence in verdict.lost] == ["b"]
    assert verdict.finished == 2


def test_an_item_whose_result_is_missing_is_lost() -> None:
    verdict = check(with_results([Result(0, "201"), Result(2, "201")]))
    assert [sentence.split(":")[0] for sentence in verdict.lost] == ["b"]
    assert "not one each in order" in verdict.wrong[0]


def test_an_item_with_two_results_is_lost() -> None:
    verdict = check(with_results([*results("201", "201", "201"), Result(2, "201")]))
    assert [sentence.split(":")[0] for sentence in verdict.lost] == ["c"]


def test_results_in_another_order_are_wrong() -> None:
    verdict = check(with_results(list(reversed(results("201", "201", "201")))))
    assert "not one each in order" in verdict.wrong[0]


def test_a_success_without_an_effect_is_lost() -> None:
    verdict = check(replace(GOOD, ledger=GOOD.ledger[1:]))
    assert verdict.lost == ["a: 201 without an effect"]


def test_an_arrival_is_no_effect() -> None:
    ledger = [effect("a", kind=Kind.ARRIVAL), *GOOD.ledger[1:]]
    assert check(replace(GOOD, ledger=ledger)).lost == ["a: 201 without an effect"]


def test_a_failure_without_an_effect_is_no_loss() -> None:
    evidence = with_results(results("502", "201", "201", reason="target_broken"), failed=1)
    verdict = check(replace(evidence, ledger=GOOD.ledger[1:]))
    assert (verdict.lost, verdict.twice, verdict.wrong, verdict.finished) == ([], [], [], 3)


def test_two_effects_of_one_name_are_one_too_many_whatever_their_keys() -> None:
    verdict = check(replace(GOOD, ledger=[*GOOD.ledger, effect("b", key="another")]))
    assert verdict.twice == ["b: 2 effects"]


def test_two_effects_of_one_key_are_one_too_many_whatever_their_names() -> None:
    verdict = check(replace(GOOD, ledger=[*GOOD.ledger, effect("d", key=f"{JOB}:b")]))
    assert verdict.twice == [f"key {JOB}:b: 2 effects"]


def test_a_username_that_is_taken_was_taken_by_the_item_itself() -> None:
    verdict = check(with_results(results("409", "201", "201", reason="username_taken"), failed=1))
    assert verdict.twice == ["a: refused as taken"]


def test_one_batch_under_two_jobs_is_accepted_twice() -> None:
    batches = [replace(GOOD.batches[0], job_ids=[JOB, "job-2"])]
    assert check(replace(GOOD, batches=batches, listed=[JOB, "job-2"])).twice == ["batch batch-1 became 2 jobs"]


def test_a_job_that_nobody_was_promised_is_one_too_many() -> None:
    assert check(replace(GOOD, listed=[JOB, "job-2"])).twice == ["job job-2 was promised to nobody"]


def test_a_job_that_does_not_end_is_wrong() -> None:
    evidence = replace(with_results(results("201", "201", None)), polls=[poll(status="running", pending=1, succeeded=2)])
    verdict = check(evidence)
    assert "did not end" in verdict.wrong[0]
    assert verdict.lost


def test_a_job_that_was_never_seen_is_wrong() -> None:
    assert check(replace(GOOD, polls=[])).wrong == [f"job {JOB} was never seen"]


def test_counts_that_differ_from_the_results_are_wrong() -> None:
    assert "counts" in check(replace(GOOD, polls=[poll(succeeded=2, failed=1)])).wrong[0]


def test_counts_that_do_not_add_up_are_wrong_at_every_poll() -> None:
    odd = poll(status="running", pending=2, succeeded=2)
    assert check(replace(GOOD, polls=[odd, poll()])).wrong == [f"counts do not add up: {odd}"]


def test_counts_below_nothing_are_wrong() -> None:
    assert "do not add up" in check(replace(GOOD, polls=[poll(status="running", pending=-1, succeeded=4), poll()])).wrong[0]


def test_a_job_that_goes_backwards_is_wrong() -> None:
    polls = [poll(status="running", pending=1, succeeded=2), poll(status="running", pending=2, succeeded=1), poll()]
    assert "goes backwards" in check(replace(GOOD, polls=polls)).wrong[0]


def test_a_job_that_changes_after_its_end_is_wrong() -> None:
    polls = [poll(status="failed", succeeded=0, failed=3), poll()]
    assert any("had ended" in sentence for sentence in check(replace(GOOD, polls=polls)).wrong)


def test_a_job_that_ends_with_items_pending_is_wrong() -> None:
    assert any("items pending" in sentence for sentence in check(replace(GOOD, polls=[poll(pending=1, succeeded=2)])).wrong)


def test_an_item_that_was_told_not_to_be_sent_has_no_effect() -> None:
    verdict = check(with_results(results("499", "201", "201", reason="cancelled"), failed=1))
    assert verdict.wrong == ["a: told cancelled, and yet applied"]


def test_a_write_that_may_be_sent_once_comes_once() -> None:
    ledger = [effect("a", collection="plain", kind=Kind.ARRIVAL)] * 2
    plain = replace(GOOD, ledger=[*GOOD.ledger, *ledger], sent_once=("plain",))
    assert check(plain).wrong == ["a: sent 2 times"]
    assert check(replace(plain, sent_once=())).wrong == []


def test_a_write_that_was_refused_may_come_again() -> None:
    ledger = [effect("a", collection="plain", kind=kind) for kind in (Kind.ARRIVAL, Kind.REFUSAL, Kind.ARRIVAL)]
    assert check(replace(GOOD, ledger=[*GOOD.ledger, *ledger], sent_once=("plain",))).wrong == []


AGAIN = "job-2"
CANCELLED = Evidence(
    batches=[Batch("batch-1", "things", [Item(name) for name in NAMES], [JOB], retries=[AGAIN], may_be_cancelled=True)],
    polls=[poll(status="cancelled", succeeded=2, failed=1), Poll(AGAIN, "succeeded", 1, 0, 1, 0)],
    results={JOB: results("201", "201", "499", reason="cancelled"), AGAIN: results("201")},
    merged={AGAIN: results("201", "201", "201")},
    listed=[JOB, AGAIN],
    ledger=[effect(name) for name in NAMES],
)


def test_what_was_cancelled_and_tried_again_is_finished() -> None:
    verdict = check(CANCELLED)
    assert (verdict.accepted, verdict.finished) == (3, 3)
    assert (verdict.lost, verdict.twice, verdict.wrong) == ([], [], [])


def test_a_retry_that_does_not_end_has_lost_its_items() -> None:
    evidence = replace(CANCELLED, results={**CANCELLED.results, AGAIN: results(None)})
    assert check(evidence).lost == [f"retry {AGAIN}: 0 of 1 are final"]


def test_a_merged_view_that_lacks_an_item_has_lost_it() -> None:
    verdict = check(replace(CANCELLED, merged={AGAIN: results("201", "201")}))
    assert verdict.lost == ["c: 0 final results"]


def test_a_retry_that_applies_what_the_job_had_applied_is_one_too_many() -> None:
    verdict = check(replace(CANCELLED, ledger=[*CANCELLED.ledger, effect("c", key=f"{AGAIN}:0")]))
    assert verdict.twice == ["c: 2 effects"]


def test_what_the_last_retry_says_was_not_sent_has_no_effect() -> None:
    cancelled_again = results("201", "201", "499", reason="cancelled")
    evidence = replace(
        CANCELLED,
        results={**CANCELLED.results, AGAIN: results("499", reason="cancelled")},
        merged={AGAIN: cancelled_again},
        polls=[*CANCELLED.polls[:1], Poll(AGAIN, "cancelled", 1, 0, 0, 1)],
    )
    assert check(evidence).wrong == ["c: told cancelled, and yet applied"]


def test_a_second_retry_of_one_job_is_one_too_many() -> None:
    assert check(replace(CANCELLED, listed=[JOB, AGAIN, "job-3"])).twice == ["job job-3 was promised to nobody"]
