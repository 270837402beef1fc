"""`POST /batch/<entity>` with items that come in line by line: always a job, and only once the last line was read."""

import gzip
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.batch_service.api.asking import Api, check_accepted, check_problem, check_refused, good

NDJSON, CSV = "application/x-ndjson", "text/csv"


def as_lines(*items: Any) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def post(client: FlaskClient, body: bytes, content_type: str = NDJSON, query: str = "", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/v1/batch/things{query}", data=body, content_type=content_type, headers=named)


def jobs(client: FlaskClient) -> int:
    return len(client.get("/v1/batch/jobs?limit=1000").get_json()["jobs"])


def run(api: Api, response: TestResponse) -> list[Any]:
    """The results of the job that was accepted."""
    assert response.status_code == 202, response.text
    job_id = response.get_json()["jobId"]
    api.ended(job_id)
    return list(api.get(f"jobs/{job_id}/results?limit=1000")["results"])


def test_lines_are_the_items_of_a_job(api: Api) -> None:
    results = run(
        api, post(api.client, as_lines({"id": "x", **good()}, {"method": "BREW"}, [], good("taken"), {"method": "GET"}))
    )
    assert [(result["index"], result["responseCode"]) for result in results] == [
        (0, "201"), (1, "405"), (2, "400"), (3, "409"), (4, "200"),
    ]  # fmt: skip
    assert results[0]["id"] == "x"
    check_refused({key: value for key, value in results[2].items() if key != "index"}, 400, "invalid_item", "")


def test_rows_are_the_bodies_of_the_items_of_a_job(api: Api) -> None:
    results = run(api, post(api.client, b"name,address.city\r\nAna,Lima\r\ntaken,\r\n,Lima\r\nx\r\n", CSV))
    assert [result["responseCode"] for result in results] == ["201", "409", "400", "400"]
    assert results[0]["responseBody"] == {"id": results[0]["responseBody"]["id"], "name": "Ana", "address": {"city": "Lima"}}
    assert results[3]["responseBody"]["error"] == "The row has 1 cells, and the header 2"


@pytest.mark.parametrize(("body", "content_type"), [(as_lines(good(), good("b")), NDJSON), (b"name\na\nb\n", CSV)])
def test_they_may_come_packed(api: Api, body: bytes, content_type: str) -> None:
    results = run(api, post(api.client, gzip.compress(body), content_type, Content_Encoding="gzip"))
    assert [result["responseCode"] for result in results] == ["201", "201"]


def test_an_array_may_come_packed(api: Api) -> None:
    body = gzip.compress(json.dumps([good()]).encode())
    response = post(api.client, body, "application/json", Content_Encoding="gzip")
    assert [result["responseCode"] for result in response.get_json()] == ["201"]


def test_it_is_always_a_job(client: FlaskClient) -> None:
    check_accepted(post(client, as_lines(good())), applied=None)
    check_accepted(post(client, as_lines(good()), Prefer="wait=5"), applied=None)
    check_accepted(post(client, as_lines(good()), Prefer="respond-async, wait=5"), applied="respond-async")
    check_accepted(post(client, as_lines(good()), "application/x-ndjson; charset=UTF-8"), applied=None)


def test_it_may_say_when_to_stop(api: Api) -> None:
    results = run(api, post(api.client, as_lines({"method": "BREW"}, good(), good()), query="?onError=stop"))
    assert [result["responseCode"] for result in results] == ["405", "424", "424"]
    check_problem(post(api.client, as_lines(good()), query="?onError=stop&maxErrors=2"), 400, "invalid_field")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (as_lines(good()) + b"{nope\n" + as_lines(good()), NDJSON, 400, "invalid_json"),
        (as_lines(good(), good())[:-4], NDJSON, 400, "invalid_json"),
        (b"", NDJSON, 422, "empty_batch"),
        (b"\n\n", NDJSON, 422, "empty_batch"),
        (as_lines(*[good()] * 61), NDJSON, 413, "batch_too_large"),
        (as_lines({"id": "a", **good()}, good(), {"id": "a", **good()}), NDJSON, 422, "duplicate_id"),
        (as_lines(*[{"body": {"name": "x" * 2**21}}] * 5), NDJSON, 413, "request_entity_too_large"),
        (b"name,name\na,b\n", CSV, 400, "invalid_csv"),
        (b'name\n"a\n', CSV, 400, "invalid_csv"),
        (b"name\n", CSV, 422, "empty_batch"),
        (b"", CSV, 422, "empty_batch"),
    ],
)
def test_what_refuses_the_whole_batch_leaves_nothing(
    client: FlaskClient, body: bytes, content_type: str, status: int, code: str
) -> None:
    before = jobs(client)
    for packed in (False, True):
        data = gzip.compress(body) if packed else body
        response = post(client, data, content_type, **({"Content_Encoding": "gzip"} if packed else {}))
        check_problem(response, status, code)
    assert jobs(client) == before


def test_what_was_wrong_is_named(client: FlaskClient) -> None:
    problem = check_problem(post(client, as_lines(good()) + b"{nope\n"), 400, "invalid_json")
    assert problem["error"].startswith("Line 2 is not JSON")
    assert problem["errors"] == [{"pointer": "/1", "detail": problem["error"]}]
    problem = check_problem(post(client, as_lines(*[good()] * 61)), 413, "batch_too_large")
    assert problem["error"] == "The batch has more than 60 items; send at most 60 in one call."
    problem = check_problem(post(client, as_lines({"id": "a"}, {"id": "b"}, {"id": "a"})), 422, "duplicate_id")
    assert problem["errors"] == [{"pointer": "/2/id", "detail": problem["error"]}]


def test_an_unknown_entity_is_refused_before_anything_is_read(client: FlaskClient) -> None:
    check_problem(client.post("/v1/batch/nobody", data=b"{nope", content_type=NDJSON), 404, "unknown_entity")


def test_the_same_lines_under_the_same_key_are_the_same_job(client: FlaskClient) -> None:
    body, key = as_lines(good(), good("b")), "stream-import-1"
    first = post(client, body, Idempotency_Key=key).get_json()["jobId"]
    assert post(client, body, Idempotency_Key=key).get_json()["jobId"] == first
    packed = post(client, gzip.compress(body), Idempotency_Key=key, Content_Encoding="gzip")
    assert packed.get_json()["jobId"] == first
    before = jobs(client)
    for other in (
        post(client, body + body, Idempotency_Key=key),
        post(client, body, query="?maxErrors=3", Idempotency_Key=key),
    ):
        check_problem(other, 422, "idempotency_key_reused")
    check_problem(post(client, body, Idempotency_Key="?"), 400, "invalid_idempotency_key")
    assert jobs(client) == before
