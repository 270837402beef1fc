import csv
import io
import json
import subprocess
from typing import Any

import pytest

from tests.batch_client.commands.batchctl import COMMAND, ENTITIES, NO_EVENTS, Batchctl, document
from tests.batch_client.scripted import Answer, ScriptedService

LINES = {"Content-Type": "application/x-ndjson"}
RESULTS: list[dict[str, Any]] = [
    {"index": 0, "responseCode": "201", "responseBody": {"userId": "1", "name": "=1+1"}, "attempts": 1},
    {"index": 1, "id": "=b", "responseCode": "400", "responseBody": {"error": "\x1b[31mMissing \x9bpassword"}, "attempts": 2},
    {"index": 2, "responseCode": None, "responseBody": None},
    {"index": 3, "responseCode": "500", "responseBody": {"message": "Oops"}},
    {"index": 4, "responseCode": "502", "responseBody": ["odd"]},
    {"index": 5, "responseCode": "304", "responseBody": None},
]


def as_lines(results: list[Any]) -> Answer:
    return Answer(200, headers=LINES, parts=[json.dumps(result).encode() + b"\n" for result in results])


def test_jobs_are_listed_as_one_likes(service: ScriptedService, batchctl: Batchctl) -> None:
    jobs = [document("partial", total=1_200_000, failed=3), document("running", job_id="j2", pending=1)]
    service.answers += [Answer(200, {"jobs": jobs, "next": None})] * 4
    table = batchctl("jobs", "list", "--status", "partial", "--entity", "users", "--limit", "7")
    assert service.asked[0].path == "/v1/batch/jobs?status=partial&entity=users&limit=7"
    assert table.out.splitlines() == [
        "JOB  ENTITY  STATUS                  DONE  SUCCEEDED  FAILED  CREATED               FINISHED",
        "j1   users   partial  1,200,000/1,200,000  1,199,997       3  2026-11-22 19:51:42Z",
        "j2   users   running                  1/2          1       0  2026-11-22 19:51:42Z",
    ]
    assert [job["counts"]["total"] for job in json.loads(batchctl("jobs", "list", "-o", "json").out)] == [1_200_000, 2]
    lines = batchctl("jobs", "list", "-o", "ndjson").out.splitlines()
    assert [json.loads(line)["jobId"] for line in lines] == ["j1", "j2"]
    rows = list(csv.DictReader(io.StringIO(batchctl("jobs", "list", "-o", "csv").out)))
    assert (rows[0]["failed"], rows[1]["pending"], rows[1]["finishedAt"]) == ("3", "1", "")


def test_as_many_jobs_as_one_wants(service: ScriptedService, batchctl: Batchctl) -> None:
    page = {"jobs": [document("queued")] * 1000, "next": "c"}
    service.answers += [Answer(200, page), Answer(200, {"jobs": [document("queued")] * 500, "next": "d"})]
    assert len(batchctl("jobs", "list", "--limit", "1500", "-o", "ndjson").out.splitlines()) == 1500
    assert [asked.path.partition("?")[2] for asked in service.asked] == ["limit=1000", "limit=500&cursor=c"]
    service.answers += [Answer(200, page), Answer(200, {"jobs": [], "next": None})]
    assert len(batchctl("jobs", "list", "--all", "-o", "ndjson").out.splitlines()) == 1000


@pytest.mark.parametrize(("form", "said"), [("table", "JOB"), ("json", "[]"), ("csv", "jobId,"), ("ndjson", "")])
def test_nothing_is_listed_as_nothing(service: ScriptedService, batchctl: Batchctl, form: str, said: str) -> None:
    service.answers += [Answer(200, {"jobs": [], "next": None})]
    done = batchctl("jobs", "list", "-o", form)
    assert done.code == 0
    assert done.out.startswith(said)
    assert len(done.out.splitlines()) == bool(said)


def test_one_job_is_shown_with_what_failed(service: ScriptedService, batchctl: Batchctl) -> None:
    errors = [{"responseCode": "400", "error": "Missing\tpassword", "count": 12, "indexes": [1, 5, 9, 11, 12, 13]}]
    hold = {"reason": "failing", "until": "2026-11-22T20:00:00.000Z"}
    service.answers += [Answer(200, document("running", total=20, failed=12, pending=8, errors=errors, hold=hold))]
    done = batchctl("jobs", "show", "j1")
    assert done.code == 0
    assert done.out.splitlines() == [
        "job:       j1",
        "entity:    users",
        "status:    running",
        "items:     20",
        "succeeded: 0",
        "failed:    12",
        "pending:   8",
        "created:   2026-11-22T19:51:42.123Z",
        "on hold:   failing, until 2026-11-22T20:00:00.000Z",
        "",
        "CODE  ITEMS  ERROR             THE FIRST",
        " 400     12  Missing password  item 1, 5, 9, 11, 12",
    ]


def test_results_are_shown_without_what_would_upset_a_terminal_or_a_spreadsheet(
    service: ScriptedService, batchctl: Batchctl
) -> None:
    service.answers += [as_lines(RESULTS)] * 4
    table = batchctl("jobs", "results", "j1").out
    assert table.splitlines() == [
        "ITEM  ID  CODE  ANSWER",
        '   0      201   {"userId": "1", "name": "=1+1"}',
        "   1  =b  400   \ufffd[31mMissing \ufffdpassword",
        "   2      -",
        "   3      500   Oops",
        '   4      502   ["odd"]',
        "   5      304",
    ]
    assert json.loads(batchctl("jobs", "results", "j1", "-o", "json").out) == RESULTS
    lines = batchctl("jobs", "results", "j1", "-o", "ndjson").out.splitlines()
    assert [json.loads(line) for line in lines] == RESULTS
    rows = list(csv.DictReader(io.StringIO(batchctl("jobs", "results", "j1", "-o", "csv").out)))
    assert [row["error"] for row in rows] == ["", "\x1b[31mMissing \x9bpassword", "", "Oops", '["odd"]', ""]
    assert (rows[1]["id"], rows[1]["attempts"]) == ("'=b", "2")
    assert json.loads(rows[0]["responseBody"]) == RESULTS[0]["responseBody"]


def test_results_are_chosen(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [as_lines([])]
    batchctl("jobs", "results", "j1", "--status", "failed", "--merged")
    assert service.asked[0].path.startswith("/v1/batch/jobs/j1/results?status=failed&view=merged")


def test_who_reads_no_further_ends_it_quietly(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [as_lines([{**RESULTS[0], "index": index} for index in range(20_000)])]
    command = [*COMMAND, "jobs", "results", "j1"]
    with subprocess.Popen(
        command, env=batchctl.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("ITEM")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 141


@pytest.mark.parametrize(
    ("status", "failed", "code"),
    [("succeeded", 0, 0), ("partial", 1, 1), ("failed", 2, 1), ("cancelled", 1, 4), ("expired", 1, 4)],
)
def test_the_exit_code_says_how_a_job_ended(
    service: ScriptedService, batchctl: Batchctl, status: str, failed: int, code: int
) -> None:
    end = Answer(200, document(status, failed=failed))
    service.answers += [end, NO_EVENTS, end]
    done = batchctl("jobs", "watch", "j1")
    assert done.code == code
    assert done.out.startswith(f"Job j1: {status}. {2 - failed} of 2 succeeded")
    assert ("batchctl jobs retry j1" in done.err) == bool(failed)


def test_of_several_jobs_the_worst_counts(service: ScriptedService, batchctl: Batchctl) -> None:
    running = Answer(200, document("running", job_id="a", pending=1), {"Retry-After": "0"})
    ends = [
        Answer(200, document("succeeded", job_id="a")),
        Answer(200, document("cancelled", job_id="b")),
        Answer(200, document("partial", job_id="c", failed=1)),
    ]
    service.answers += [running, *ends[1:], running, *ends[1:], ends[0]]
    done = batchctl("jobs", "watch", "a", "b", "c")
    assert done.code == 4
    assert [line.split(".")[0] for line in done.out.splitlines()] == ["Job a: succeeded", "Job b: cancelled", "Job c: partial"]


def test_a_job_whose_items_may_have_been_applied_is_warned_of(service: ScriptedService, batchctl: Batchctl) -> None:
    errors = [{"responseCode": "409", "error": "outcome unknown", "count": 2, "indexes": [0, 1]}]
    end = Answer(200, document("failed", failed=2, errors=errors))
    service.answers += [end, NO_EVENTS, end]
    assert "2 of them may have been applied" in batchctl("jobs", "watch", "j1").err


def test_a_job_that_is_not_there_is_refused(service: ScriptedService, batchctl: Batchctl) -> None:
    missing = Answer(404, {"error": "There is no such job.", "code": "job_not_found"})
    service.answers += [missing] * 6
    for command in ("show", "watch", "cancel", "retry", "delete", "results"):
        assert batchctl("jobs", command, "j1").code == 3


def test_jobs_are_cancelled_and_forgotten(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [Answer(200, document("cancelled")), Answer(200, document("cancelled", job_id="j2"))]
    done = batchctl("jobs", "cancel", "j1", "j2", "-o", "ndjson")
    assert [json.loads(line)["status"] for line in done.out.splitlines()] == ["cancelled"] * 2
    service.answers += [Answer(204)]
    assert batchctl("jobs", "delete", "j1").out == "Job j1 is forgotten.\n"
    assert [f"{asked.method} {asked.path}" for asked in service.asked] == [
        "POST /v1/batch/jobs/j1/cancel",
        "POST /v1/batch/jobs/j2/cancel",
        "DELETE /v1/batch/jobs/j1",
    ]


def test_a_retry_is_followed_to_its_end(service: ScriptedService, batchctl: Batchctl) -> None:
    new = document("queued", job_id="j2", pending=2, retryOf="j1")
    service.answers += [Answer(202, new), NO_EVENTS, Answer(200, document("succeeded", job_id="j2"))]
    done = batchctl("jobs", "retry", "j1", "--include-unknown", "--idempotency-key", "again-1234")
    assert (done.code, done.out) == (0, "Job j2: succeeded. 2 of 2 succeeded.\n")
    assert service.asked[0].path == "/v1/batch/jobs/j1/retry?includeUnknown=true"
    assert service.asked[0].headers["Idempotency-Key"] == "again-1234"
    service.answers += [Answer(202, new)]
    done = batchctl("jobs", "retry", "j1", "--detach", "-o", "json")
    assert (done.code, json.loads(done.out)[0]["retryOf"]) == (0, "j1")


def test_entities_are_listed(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES]
    assert batchctl("entities").out.splitlines()[1].split() == ["users", "GET", "PATCH", "POST", "DELETE", "if-match", "8"]
