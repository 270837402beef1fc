import json

import pytest

from tests.batch_client.commands.batchctl import ENTITIES, NO_EVENTS, Batchctl, document
from tests.batch_client.scripted import Answer, ScriptedService

ITEMS = [{"method": "POST", "body": {"username": "Ana"}}, {"method": "GET", "path": "/7"}]
ARRAY = json.dumps(ITEMS, indent=2)
TAKEN = Answer(202, document("queued", pending=2))


def test_items_are_sent_as_they_are(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES, TAKEN, NO_EVENTS, Answer(200, document("succeeded"))]
    done = batchctl("submit", batchctl.write("items.json", ARRAY), "--entity", "users", "--max-errors", "3")
    assert (done.code, done.out) == (0, "Job j1: succeeded. 2 of 2 succeeded.\n")
    batch = service.asked[1]
    assert (batch.path, batch.headers["Content-Type"]) == ("/v1/batch/users?maxErrors=3", "application/json")
    assert batch.body == ITEMS
    assert batch.headers["Prefer"] == "respond-async"


def test_items_may_name_their_entities_and_come_by_a_pipe(service: ScriptedService, batchctl: Batchctl) -> None:
    lines = b"".join(json.dumps(item).encode() + b"\n" for item in ITEMS)
    service.answers += [ENTITIES, Answer(202, hang_up=True), TAKEN]
    done = batchctl("submit", "-", "--format", "ndjson", "--detach", "-o", "ndjson", stdin=lines)
    assert (done.code, json.loads(done.out)["status"]) == (0, "queued")
    assert [(asked.path, asked.body) for asked in service.asked[1:]] == [("/v1/batch", lines)] * 2
    assert service.asked[1].headers["Content-Type"] == "application/x-ndjson"


def test_the_same_file_is_the_same_batch(service: ScriptedService, batchctl: Batchctl) -> None:
    file = batchctl.write("items.json", ARRAY)
    for options in ([], [], ["--again"], ["--entity", "users"], ["--idempotency-key", "my-own-key"]):
        service.answers += [ENTITIES, TAKEN]
        assert batchctl("submit", file, "--detach", *options).code == 0
    keys = [asked.headers["Idempotency-Key"] for asked in service.asked if asked.method == "POST"]
    assert keys[0] == keys[1]
    assert (len(set(keys)), keys[4]) == (4, "my-own-key")


def test_results_that_come_at_once_are_shown(service: ScriptedService, batchctl: Batchctl) -> None:
    results = [{"responseCode": "201", "responseBody": None}, {"responseCode": "404", "responseBody": {"error": "No."}}]
    file = batchctl.write("items.json", ARRAY)
    service.answers += [ENTITIES, Answer(200, results), ENTITIES, Answer(200, results[:1])]
    done = batchctl("submit", file, "-o", "json")
    assert (done.code, json.loads(done.out)) == (1, results)
    assert batchctl("submit", file, "-o", "json").code == 0


@pytest.mark.parametrize(("name", "said"), [("users.csv", "batchctl import makes items of them"), ("users", "--format")])
def test_records_are_no_items(batchctl: Batchctl, name: str, said: str) -> None:
    done = batchctl("submit", batchctl.write(name, "username\nAna\n"))
    assert done.code == 2
    assert said in " ".join(done.err.split())


def test_a_file_that_is_not_there_is_named(batchctl: Batchctl) -> None:
    assert batchctl("submit", "items.json").err == "batchctl: items.json cannot be read: No such file or directory.\n"


def test_what_is_no_batch_is_refused_in_the_words_of_the_service(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES, Answer(422, {"error": "Send a JSON array of items.", "code": "not_an_array"})]
    done = batchctl("submit", batchctl.write("items.json", "{}"), "--entity", "users")
    assert (done.code, done.err) == (3, "batchctl: Send a JSON array of items.\n")


def test_a_service_without_batches_across_entities_is_told_of(service: ScriptedService, batchctl: Batchctl) -> None:
    nothing = Answer(404, {"error": "There is nothing at this address."})
    service.answers += [ENTITIES, nothing, ENTITIES, nothing]
    file = batchctl.write("items.json", ARRAY)
    assert batchctl("submit", file).err == "batchctl: This service takes no batch across entities: name one with --entity.\n"
    assert batchctl("submit", file, "--entity", "users").err == "batchctl: There is nothing at this address.\n"
