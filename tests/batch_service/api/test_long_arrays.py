"""`POST /batch/<entity>` with arrays too long to be read as a whole: the same answers, item by item."""

import gzip
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.batch_service.api.asking import Api, check_accepted, check_problem, good

# The service under test reads arrays of up to 4 MiB as a whole, answers those of up to 6 MiB, and takes 9 MiB at most.
FILLER = "x" * 300_000


def post(client: FlaskClient, batch: Any, **headers: str) -> TestResponse:
    body = batch if isinstance(batch, bytes) else json.dumps(batch).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/v1/batch/things", data=body, content_type="application/json", headers=named)


def long() -> dict[str, Any]:
    """An item that is answered in short."""
    return {"body": {"name": "taken", "filler": FILLER}}


def jobs(client: FlaskClient) -> int:
    return len(client.get("/v1/batch/jobs?limit=1000").get_json()["jobs"])


@pytest.mark.parametrize("packed", [False, True])
def test_one_of_few_items_is_answered_synchronously_all_the_same(api: Api, *, packed: bool) -> None:
    batch = [{"id": "x", **good()}, {"method": "BREW"}, long(), {"body": {"filler": "x" * 4_000_000}}]
    body = json.dumps([*batch, good()]).encode()
    assert 4 * 2**20 < len(body) < 6 * 2**20
    response = post(api.client, gzip.compress(body), Content_Encoding="gzip") if packed else post(api.client, body)
    assert response.status_code == 200, response.text[:500]
    assert [result["responseCode"] for result in response.get_json()] == ["201", "405", "409", "400", "201"]
    assert response.get_json()[0]["id"] == "x"


def test_one_past_the_synchronous_limit_in_bytes_is_a_job(api: Api) -> None:
    largest = {"body": {"name": "taken", "filler": "x" * 2_000_000}}
    job_id = check_accepted(post(api.client, [*[long()] * 18, largest]), applied=None)
    ended = api.ended(job_id)
    assert (ended["counts"]["total"], [group["responseCode"] for group in ended["errors"]]) == (19, ["409"])


def test_one_of_many_items_is_a_job(api: Api) -> None:
    job_id = check_accepted(post(api.client, [*[good()] * 30, *[long()] * 18, {"method": "BREW"}]), applied=None)
    ended = api.ended(job_id)
    assert (ended["status"], ended["counts"]["total"], ended["counts"]["failed"]) == ("partial", 49, 19)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (json.dumps([long()] * 18 + [good()] * 43).encode(), 413, "batch_too_large"),
        (json.dumps([long()] * 40).encode(), 413, "request_entity_too_large"),
        (json.dumps([{"id": "a", **long()}, *[long()] * 24, {"id": "a"}]).encode(), 422, "duplicate_id"),
        (json.dumps([{"id": "a", **long()}, {"body": {"n": "x" * 4_000_000}}, {"id": "a"}]).encode(), 422, "duplicate_id"),
        (json.dumps([long()] * 25)[:-1].encode() + b", {nope}]", 400, "invalid_json"),
        (json.dumps([long()] * 25)[:-1].encode(), 400, "invalid_json"),
        (json.dumps([long()] * 25).encode() + b"[]", 400, "invalid_json"),
        (b"[" * 4_300_000, 400, "invalid_json"),
        (b" " * 4_300_000 + b"[]", 422, "empty_batch"),
        (json.dumps({"items": [long()] * 15}).encode(), 422, "not_an_array"),
        (json.dumps("x" * 4_300_000).encode(), 422, "not_an_array"),
    ],
)
def test_what_refuses_the_whole_batch_leaves_nothing(client: FlaskClient, body: bytes, status: int, code: str) -> None:
    before = jobs(client)
    check_problem(post(client, body), status, code)
    assert jobs(client) == before


def test_a_faulty_element_is_named(client: FlaskClient) -> None:
    problem = check_problem(post(client, json.dumps([long()] * 25)[:-1].encode() + b", {nope}]"), 400, "invalid_json")
    assert problem["errors"][0]["pointer"] == "/25"
    assert problem["error"].endswith("(element 25 of the array)")


def test_the_same_array_under_the_same_key_is_the_same_job(client: FlaskClient) -> None:
    key = "long-array-1"
    headers = {"Idempotency_Key": key, "Prefer": "respond-async"}
    first = post(client, [long()] * 18, **headers).get_json()["jobId"]
    assert post(client, [long()] * 18, **headers).get_json()["jobId"] == first
    check_problem(post(client, [long()] * 19, **headers), 422, "idempotency_key_reused")
    check_problem(post(client, [good()], **headers), 422, "idempotency_key_reused")
