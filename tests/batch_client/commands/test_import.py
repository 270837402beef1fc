import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.batch_client.commands.batchctl import ENTITIES, LIMITS, NO_EVENTS, USERS, Batchctl, document
from tests.batch_client.commands.test_jobs import as_lines
from tests.batch_client.records.reading import packed_by_gzip
from tests.batch_client.scripted import Answer, Asked, ScriptedService

TABLE = "username,password\nAna,123456\nBo,\n"
ITEMS = [{"body": {"username": "Ana", "password": "123456"}}, {"body": {"username": "Bo"}}]
CONTRACT: dict[str, Any] = {"paths": {"/v1/batch/{entity}": {"post": {"parameters": []}}}}
CHECKED: dict[str, Any] = {"paths": {"/v1/batch/{entity}": {"post": {"parameters": [{"name": "validate"}]}}}}


def taken(job_id: str = "j1", total: int = 2, *, date: str | None = None) -> Answer:
    headers = {"Date": date} if date else {}
    return Answer(202, document("queued", job_id=job_id, total=total, pending=total), headers)


def ended(status: str = "succeeded", **more: Any) -> list[Answer]:
    return [NO_EVENTS, Answer(200, document(status, **more))]


def batches(service: ScriptedService) -> list[Asked]:
    return [asked for asked in service.asked if asked.method == "POST"]


def sent(asked: Asked) -> list[Any]:
    return [json.loads(line) for line in asked.body.splitlines()]


def test_a_file_is_sent_and_followed(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES, ENTITIES, taken(), *ended()]
    done = batchctl("import", "users", batchctl.write("users.csv", TABLE))
    assert (done.code, done.out, done.err) == (0, "Job j1: succeeded. 2 of 2 succeeded.\n", "")
    (batch,) = batches(service)
    assert (batch.path, batch.headers["Content-Type"]) == ("/v1/batch/users", "application/x-ndjson")
    assert sent(batch) == ITEMS
    assert service.answers == []


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("users.csv", TABLE, []),
        ("users.csv.gz", packed_by_gzip(TABLE.encode()), []),
        ("users.tsv", TABLE.replace(",", "\t"), []),
        ("USERS.TAB", TABLE.replace(",", "\t"), []),
        ("users.txt", TABLE.replace(",", ";"), ["--format", "csv", "--delimiter", ";"]),
        ("users.txt", TABLE.replace(",", "\t"), ["--format", "csv", "--delimiter", "\\t"]),
        ("users.csv", TABLE.encode("utf-16"), ["--encoding", "UTF-16"]),
        ("users.json", json.dumps([item["body"] for item in ITEMS]), []),
        ("users.ndjson", "\n".join(json.dumps(item["body"]) for item in ITEMS), []),
        ("users.jsonl.gz", packed_by_gzip(b"\n".join(json.dumps(item["body"]).encode() for item in ITEMS)), []),
    ],
)
def test_the_format_is_seen_or_said(
    service: ScriptedService, batchctl: Batchctl, name: str, content: str | bytes, options: list[str]
) -> None:
    service.answers += [ENTITIES, ENTITIES, taken()]
    assert batchctl("import", "users", batchctl.write(name, content), "--detach", *options).code == 0
    assert sent(batches(service)[0]) == ITEMS


@pytest.mark.parametrize("packed", [False, True])
def test_the_standard_input_is_a_file_too(service: ScriptedService, batchctl: Batchctl, *, packed: bool) -> None:
    service.answers += [ENTITIES, ENTITIES, Answer(202, hang_up=True), taken()]
    content = packed_by_gzip(TABLE.encode()) if packed else TABLE.encode()
    done = batchctl("import", "users", "-", "--format", "csv", "--detach", stdin=content)
    assert done.code == 0
    assert "Trying again in" in done.err
    assert [sent(batch) for batch in batches(service)] == [ITEMS, ITEMS]  # read again from what was kept


def test_the_options_make_the_item(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES, ENTITIES, taken()]
    file = batchctl.write("users.csv", "id,mail,age,note\n7,a@b.c,12,x\n")
    options = "--method patch --path /{id} --id-column id --map mail=contact.email --drop note --set locale=en --type age=int"
    assert batchctl("import", "users", file, "--detach", *options.split(), "--prefer", "return=minimal").code == 0
    (batch,) = batches(service)
    assert sent(batch) == [
        {"method": "PATCH", "path": "/7", "id": "7", "body": {"age": 12, "contact": {"email": "a@b.c"}, "locale": "en"}}
    ]
    assert batch.headers["Prefer"] == "return=minimal"


def keys_of(service: ScriptedService, batchctl: Batchctl, *commands: str) -> list[str]:
    for options in commands:
        service.answers += [ENTITIES, ENTITIES, *[taken()] * 2]
        assert batchctl("import", "users", "users.csv", "--detach", "-o", "json", *options.split()).code == 0
        del service.answers[:]
    return [asked.headers["Idempotency-Key"] for asked in batches(service)]


def test_the_same_is_sent_under_the_same_key(service: ScriptedService, batchctl: Batchctl) -> None:
    batchctl.write("users.csv", TABLE)
    keys = keys_of(service, batchctl, "", "", "--set a=b", "--max-errors 2", "--on-error stop", "--again", "--again")
    assert keys[0] == keys[1]
    assert len(set(keys)) == 6
    batchctl.write("users.csv", TABLE + "Che,1\n")
    assert keys_of(service, batchctl, "")[-1] not in keys
    batchctl.write("users.csv", TABLE.replace("\n", "\r\n"))
    assert keys_of(service, batchctl, "")[-1] == keys[0]  # it is what is sent that counts


def test_rows_that_come_twice_are_sent_twice(service: ScriptedService, batchctl: Batchctl) -> None:
    batchctl.write("users.csv", "username\n" + "Ana\n" * 2)
    first, second = keys_of(service, batchctl, "--batch-size 1")
    assert first != second


def test_the_sender_may_have_a_key_of_his_own(service: ScriptedService, batchctl: Batchctl) -> None:
    batchctl.write("users.csv", TABLE)
    keys = keys_of(service, batchctl, "--idempotency-key monday-import", "--idempotency-key monday-import --batch-size 1")
    assert keys == ["monday-import", "monday-import", "monday-import.2"]


def test_what_was_accepted_before_is_told(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES, ENTITIES, taken(date="Sun, 22 Nov 2026 20:51:42 GMT"), *ended()]
    done = batchctl("import", "users", batchctl.write("users.csv", TABLE))
    assert (done.code, done.out) == (0, "Job j1: succeeded. 2 of 2 succeeded.\n")
    assert "The same was accepted before, and is not applied again; to import it once more, say --again." in done.err
    service.answers += [ENTITIES, ENTITIES, taken(date="Sun, 22 Nov 2026 19:51:42 GMT"), *ended()]
    assert batchctl("import", "users", "users.csv").err == ""


def test_failures_are_told_by_code_and_line_and_written_to_be_mended(service: ScriptedService, batchctl: Batchctl) -> None:
    errors = [
        {"responseCode": "400", "error": "Missing password", "count": 2, "indexes": [1, 2]},
        {"responseCode": "409", "error": "Taken", "count": 7, "indexes": [0]},
    ]
    failed = [{"index": 1, "responseCode": "400", "responseBody": {"error": "Missing password"}}]
    service.answers += [ENTITIES, ENTITIES, taken(), *ended("partial", failed=1, errors=errors), as_lines(failed)]
    file = batchctl.write("users.csv", 'username,password\n"A\nna",123456\nBo,\nChe,\n')
    done = batchctl("import", "users", file, "--errors", "bad.csv")
    assert done.code == 1
    assert done.out.splitlines() == [
        "Job j1: partial. 1 of 2 succeeded, 1 failed.",
        "",
        "CODE  ITEMS  ERROR             THE FIRST",
        " 409      7  Taken             line 2",
        " 400      2  Missing password  line 4, 5",
    ]
    assert "1 record written to bad.csv: mend them and import that file." in done.err
    assert "batchctl jobs results j1 --status failed" in done.err
    assert (batchctl.folder / "bad.csv").read_text().splitlines()[1] == "Bo,,4,400,Missing password"
    assert service.asked[-1].path.startswith("/v1/batch/jobs/j1/results?status=failed")


def test_a_long_file_becomes_several_jobs(service: ScriptedService, batchctl: Batchctl) -> None:
    jobs = [taken(f"j{number}", 1) for number in (1, 2, 3)]
    errors = [{"responseCode": "400", "error": "No.", "count": 1, "indexes": [0]}]
    ends = [Answer(200, document("succeeded", job_id=f"j{number}", total=1)) for number in (1, 2)]
    last = Answer(200, document("failed", job_id="j3", total=1, failed=1, errors=errors))
    small = Answer(200, {"entities": [USERS], "limits": {**LIMITS, "maxItems": 1}})
    bad = [{"index": 0, "responseCode": "400", "responseBody": {"error": "No."}}]
    service.answers += [ENTITIES, small, *jobs, *ends, last, *[as_lines([])] * 2, as_lines(bad)]
    done = batchctl("import", "users", batchctl.write("users.csv", TABLE + "Che,1\n"), "--errors", "bad.csv")
    assert done.code == 1
    assert done.out.splitlines()[2:] == [
        "Job j3: failed. 0 of 1 succeeded, 1 failed.",
        "",
        "CODE  ITEMS  ERROR  THE FIRST",
        " 400      1  No.    line 4",
    ]
    assert "3 items become 3 jobs." in done.err
    assert [len(sent(batch)) for batch in batches(service)] == [1, 1, 1]
    assert (batchctl.folder / "bad.csv").read_text().splitlines()[1:] == ["Che,1,4,400,No."]


def test_jobs_that_stop_at_errors_go_one_after_the_other(service: ScriptedService, batchctl: Batchctl) -> None:
    file = batchctl.write("users.csv", TABLE + "Che,1\nDai,2\n")
    bad = [{"index": 0, "responseCode": "400", "responseBody": {"error": "No."}}]
    service.answers += [
        ENTITIES, ENTITIES,
        taken("j1", 1), *ended(job_id="j1", total=1, status="failed", failed=1),
        taken("j2", 1), Answer(200, document("succeeded", job_id="j2", total=1)),
        taken("j3", 1), Answer(200, document("failed", job_id="j3", total=1, failed=1)),
        as_lines(bad), as_lines([]), as_lines(bad),
    ]  # fmt: skip
    done = batchctl("import", "users", file, "--batch-size", "1", "--max-errors", "2", "--errors", "bad.csv")
    assert done.code == 1
    assert [batch.path for batch in batches(service)] == [f"/v1/batch/users?maxErrors={left}" for left in (2, 1, 1)]
    assert "1 item not sent: too many had failed." in done.err
    rows = (batchctl.folder / "bad.csv").read_text().splitlines()[1:]
    assert rows == ["Ana,123456,2,400,No.", "Che,1,4,400,No.", "Dai,2,5,,Not sent: too many items had failed."]


def test_a_service_that_goes_away_in_the_middle_is_waited_for(service: ScriptedService, batchctl: Batchctl) -> None:
    away = Answer(503, {"error": "Not now."}, {"Retry-After": "0"})
    service.answers += [ENTITIES, ENTITIES, away, away, taken(), NO_EVENTS, away, Answer(200, document("succeeded"))]
    done = batchctl("import", "users", batchctl.write("users.csv", TABLE))
    assert done.code == 0
    assert done.said == ["batchctl: Not now. Trying again in 0 s."] * 3
    assert len({batch.headers["Idempotency-Key"] for batch in batches(service)}) == 1


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("", [], "The file is empty"),
        ("username,password\n", [], "There is no row in the file: nothing to import."),
        ("a,a\n1,2\n", [], "The header has 'a' more than once"),
        (b"a\nZo\xeb\n", [], "Line 2 is not UTF-8: byte 3 of it is 0xeb; if it is Latin-1, say --encoding latin-1."),
        (TABLE, ["--map", "usernam=x"], "--map names 'usernam', which no record has; did you mean 'username'?"),
        (TABLE, ["--type", "username=int"], "No item can be made of 2 records; nothing was sent."),
    ],
)
def test_of_a_broken_file_nothing_is_sent(
    service: ScriptedService, batchctl: Batchctl, content: str | bytes, options: list[str], said: str
) -> None:
    service.answers += [ENTITIES, ENTITIES]
    done = batchctl("import", "users", batchctl.write("users.csv", content), *options)
    assert (done.code, done.out) == (2, "")
    assert done.said[-1].startswith(f"batchctl: {said}")
    assert batches(service) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--format ndjson --delimiter ;", "--delimiter is for tables"),
        ("--delimiter ab", "--delimiter is one character"),
        ("--encoding klingon", "there is no encoding 'klingon'"),
        ("--format json --encoding latin-1", "JSON is UTF-8"),
        ("--map x", "--map wants NAME=VALUE"),
        ("--map =x", "--map wants NAME=VALUE"),
        ("--map a=b --map a=c", "--map names 'a' twice"),
        ("--map a=b..c", "'b..c' is no place in a body"),
        ("--set a=1 --set a.b=2", "Two options fill 'a'"),
        ("--set age=x --type age=int", "age: 'x' is no whole number"),
        ("--type a=date", "'date' is none of int, float, bool, json, text"),
        ("--path users", "a path begins with"),
        ("--method DELETE", "A DELETE needs a --path"),
        ("--method DELETE --path /{username} --set a=b", "A DELETE has no body"),
        ("--on-error stop --max-errors 3", "not both"),
        ("--errors nowhere/bad.csv", "there is no folder"),
        ("--errors users.csv", "--errors is the file that is imported"),
        ("--errors bad.csv --detach", "it goes without --detach"),
    ],
)
def test_options_that_make_no_sense_are_refused(service: ScriptedService, batchctl: Batchctl, options: str, said: str) -> None:
    done = batchctl("import", "users", batchctl.write("users.csv", TABLE), *options.split())
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())
    assert service.asked == []


def test_jobs_in_turn_are_not_left_alone(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES, ENTITIES]
    file = batchctl.write("users.csv", TABLE)
    done = batchctl("import", "users", file, "--batch-size", "1", "--max-errors", "2", "--detach")
    assert (done.code, batches(service)) == (2, [])


@pytest.mark.parametrize(("file", "said"), [("-", "the standard input"), ("users.xlsx", "'users.xlsx'"), ("users", "'users'")])
def test_a_format_that_nothing_says_is_asked_for(batchctl: Batchctl, file: str, said: str) -> None:
    done = batchctl("import", "users", file)
    assert (done.code, done.err) == (
        2,
        f"batchctl: Nothing says which format {said} has: give --format csv|tsv|ndjson|json.\n",
    )


@pytest.mark.parametrize(
    ("entity", "method", "said"),
    [
        ("user", "POST", "The service has no entity 'user'; did you mean 'users'?"),
        ("things", "POST", "The service has no entity 'things'; there is users."),
        ("users", "PUT", "'users' takes no PUT, only GET, PATCH, POST, DELETE."),
    ],
)
def test_what_the_service_does_not_take_is_known_before_the_file_is_read(
    service: ScriptedService, batchctl: Batchctl, entity: str, method: str, said: str
) -> None:
    service.answers += [ENTITIES]
    file = batchctl.write("users.csv", '"never closed')
    done = batchctl("import", entity, file, "--method", method, "--path", "/7")
    assert (done.code, done.err) == (3, f"batchctl: {said}\n")


def rehearsal(service: ScriptedService, batchctl: Batchctl, contract: Mapping[str, Any], *more: Answer) -> Any:
    service.answers += [ENTITIES, ENTITIES, Answer(200, contract), *more]
    return batchctl("import", "users", batchctl.write("users.csv", TABLE), "--dry-run")


def test_a_dry_run_shows_the_items_and_sends_nothing(service: ScriptedService, batchctl: Batchctl) -> None:
    done = rehearsal(service, batchctl, CONTRACT)
    assert done.code == 0
    assert [json.loads(line) for line in done.out.splitlines()] == ITEMS
    assert done.said == [
        "2 items in 1 job; nothing was sent.",
        "Checked here alone: the service does not offer to check items.",
    ]
    assert batches(service) == []


def test_a_dry_run_has_the_service_check_where_it_does(service: ScriptedService, batchctl: Batchctl) -> None:
    results = [{"responseCode": "200"}, {"responseCode": "400", "responseBody": {"error": "Missing password"}}]
    done = rehearsal(service, batchctl, CHECKED, Answer(200, CHECKED), Answer(200, results))
    assert done.code == 1
    assert done.said == [
        "Line 3: 400 Missing password",
        "2 items in 1 job; nothing was sent.",
        "Checked by the service (?validate=only). 1 would fail.",
    ]
    assert [(asked.path, asked.body) for asked in batches(service)] == [("/v1/batch/users?validate=only", ITEMS)]


def test_a_dry_run_needs_no_service(batchctl: Batchctl) -> None:
    file = batchctl.write("users.csv", TABLE)
    done = batchctl("import", "users", file, "--dry-run", environment={"BATCH_URL": "http://127.0.0.1:1"})
    assert done.code == 0
    assert done.said[-1] == "Checked here alone: No answer from http://127.0.0.1:1: Connection refused."
    assert len(done.out.splitlines()) == 2


def test_a_dry_run_of_what_is_refused_is_refused(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [Answer(401, {"error": "Send a credential."})]
    assert batchctl("import", "users", batchctl.write("users.csv", TABLE), "--dry-run").code == 3


def test_what_a_program_reads_is_a_document(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES, ENTITIES, taken(), *ended("partial", failed=1)]
    done = batchctl("import", "users", batchctl.write("users.csv", TABLE), "-o", "json")
    (job,) = json.loads(done.out)
    assert (done.code, job["jobId"], job["counts"]["failed"]) == (1, "j1", 1)
