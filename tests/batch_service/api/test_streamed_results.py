"""Results as NDJSON and as CSV: of a job in one answer, and to a synchronous caller as they come."""

import csv
import gzip
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.batch_service.api.asking import Api, check_accepted, check_problem, good
from tests.batch_service.api.tiny_api import TinyApi

NDJSON, CSV = "application/x-ndjson", "text/csv"


def read_lines(response: TestResponse) -> list[Any]:
    assert (response.status_code, response.mimetype) == (200, NDJSON), response.text
    data = gzip.decompress(response.data) if response.headers.get("Content-Encoding") == "gzip" else response.data
    assert not data or data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


def read_rows(response: TestResponse) -> list[dict[str, str]]:
    assert (response.status_code, response.mimetype) == (200, CSV), response.text
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True), newline="")))


@pytest.fixture
def job_id(api: Api) -> str:
    """25 items; every fifth of them fails."""
    job_id = api.submit(
        [{"id": f"={number}", **good("taken" if number % 5 == 0 else f"n\u2028{number}")} for number in range(25)]
    )
    api.ended(job_id)
    return job_id


def test_lines_are_what_the_pages_say(api: Api, job_id: str) -> None:
    path = f"/v1/batch/jobs/{job_id}/results"
    pages = api.get(f"jobs/{job_id}/results?limit=1000")["results"]
    response = api.client.get(path, headers={"Accept": NDJSON})
    assert read_lines(response) == pages
    assert "Retry-After" not in response.headers
    assert read_lines(api.client.get(path, headers={"Accept": NDJSON, "Accept-Encoding": "gzip"})) == pages


def test_some_can_be_asked_for(api: Api, job_id: str) -> None:
    path, accept = f"/v1/batch/jobs/{job_id}/results", {"Accept": NDJSON}
    failed = read_lines(api.client.get(f"{path}?status=failed", headers=accept))
    assert [line["index"] for line in failed] == [0, 5, 10, 15, 20]
    cursor = api.get(f"jobs/{job_id}/results?limit=20")["next"]
    assert [line["index"] for line in read_lines(api.client.get(f"{path}?cursor={cursor}", headers=accept))] == [
        20,
        21,
        22,
        23,
        24,
    ]
    assert read_lines(api.client.get(f"{path}?status=pending", headers=accept)) == []


def test_a_table_has_a_row_a_result(api: Api, job_id: str) -> None:
    rows = read_rows(api.client.get(f"/v1/batch/jobs/{job_id}/results", headers={"Accept": CSV}))
    results = api.get(f"jobs/{job_id}/results?limit=1000")["results"]
    assert [int(row["index"]) for row in rows] == list(range(25))
    assert [json.loads(row["responseBody"]) for row in rows] == [result["responseBody"] for result in results]
    assert rows[0]["responseCode"] == "409"
    assert rows[0]["error"] == "That name is taken"
    assert (rows[1]["attempts"], rows[1]["error"]) == ("1", "")


def test_no_cell_is_a_formula(api: Api, job_id: str) -> None:
    rows = read_rows(api.client.get(f"/v1/batch/jobs/{job_id}/results", headers={"Accept": CSV}))
    assert [row["id"] for row in rows] == [f"'={number}" for number in range(25)]


def test_retries_are_shown_with_what_they_retry(api: Api, job_id: str) -> None:
    retry = api.client.post(f"/v1/batch/jobs/{job_id}/retry").get_json()["jobId"]
    api.ended(retry)
    path = f"/v1/batch/jobs/{retry}/results"
    assert len(read_lines(api.client.get(path, headers={"Accept": NDJSON}))) == 5
    assert len(read_lines(api.client.get(f"{path}?view=merged", headers={"Accept": NDJSON}))) == 25


def test_a_job_that_runs_shows_what_is_there(api: Api, target: TinyApi) -> None:
    target.free.clear()
    job_id = api.submit([good("slow"), {"method": "BREW"}])
    response = api.client.get(f"/v1/batch/jobs/{job_id}/results", headers={"Accept": NDJSON})
    assert [line["responseCode"] for line in read_lines(response)] == [None, "405"]
    assert response.headers["Retry-After"] == "1"
    target.free.set()
    api.ended(job_id)


def test_a_job_that_is_not_there(client: FlaskClient) -> None:
    for accept in (NDJSON, CSV):
        response = client.get("/v1/batch/jobs/01a204f5-7c74-71e9-9bf8-b90931cf6bb0/results", headers={"Accept": accept})
        check_problem(response, 404, "job_not_found")


@pytest.mark.parametrize(
    ("path", "accept"),
    [("jobs", NDJSON), ("jobs", CSV), ("entities", NDJSON), ("jobs/x/results", "application/xml"), ("jobs/x", CSV)],
)
def test_what_an_address_does_not_offer_is_refused(client: FlaskClient, path: str, accept: str) -> None:
    check_problem(client.get(f"/v1/batch/{path}", headers={"Accept": accept}), 406, "not_acceptable")


def test_json_is_what_those_get_who_do_not_mind(api: Api, job_id: str) -> None:
    for accept in ("*/*", "application/json, application/x-ndjson", f"{NDJSON};q=0.5, application/json"):
        assert api.client.get(f"/v1/batch/jobs/{job_id}/results", headers={"Accept": accept}).mimetype == "application/json"


def test_successes_may_come_without_their_bodies(api: Api) -> None:
    batch = [good(), good("taken"), {"method": "BREW"}]
    whole = api.post(batch).get_json()
    minimal = api.post(batch, Prefer="return=minimal")
    assert minimal.headers["Preference-Applied"] == "return=minimal"
    first, *others = minimal.get_json()
    assert others == whole[1:]
    assert (first["responseCode"], first["responseBody"]) == ("201", None)
    assert set(first) == set(whole[0])


def test_those_of_a_job_too(api: Api, job_id: str) -> None:
    headers = {"Prefer": "return=minimal"}
    for path in (f"/v1/batch/jobs/{job_id}/results", f"/v1/batch/jobs/{job_id}"):
        response = api.client.get(path, headers=headers)
        assert response.headers["Preference-Applied"] == "return=minimal"
        assert [result["responseBody"] is None for result in response.get_json()["results"]] == [n % 5 != 0 for n in range(25)]
    lines = read_lines(api.client.get(f"/v1/batch/jobs/{job_id}/results", headers={**headers, "Accept": NDJSON}))
    assert [line["responseBody"] is None for line in lines] == [n % 5 != 0 for n in range(25)]
    rows = read_rows(api.client.get(f"/v1/batch/jobs/{job_id}/results", headers={**headers, "Accept": CSV}))
    assert [row["responseBody"] == "" for row in rows] == [n % 5 != 0 for n in range(25)]


def test_a_synchronous_caller_gets_each_result_as_it_comes(api: Api, target: TinyApi) -> None:
    target.free.clear()
    batch = [good("slow"), {"id": "x", **good()}, {"method": "BREW"}]
    response = api.client.post("/v1/batch/things", json=batch, headers={"Accept": NDJSON}, buffered=False)
    assert (response.status_code, response.mimetype) == (200, NDJSON)
    coming = (json.loads(line) for part in response.response for line in part.splitlines())
    early = [next(coming), next(coming)]
    assert sorted((line["index"], line["responseCode"]) for line in early) == [(1, "201"), (2, "405")]
    assert not target.free.is_set()
    target.free.set()
    assert [(line["index"], line["responseCode"]) for line in coming] == [(0, "201")]
    stored = api.client.get(response.headers["Content-Location"]).get_json()["results"]
    assert sorted([*early, stored[0]], key=lambda line: line["index"]) == stored


def test_when_the_time_is_over_the_rest_is_named(api: Api, target: TinyApi) -> None:
    target.free.clear()
    headers = {"Accept": NDJSON, "Prefer": "wait=1, return=minimal"}
    response = api.post([good("slow"), good()], Accept=NDJSON, Prefer=headers["Prefer"])
    assert response.headers["Preference-Applied"] == "wait=1, return=minimal"
    assert [(line["index"], line["responseCode"]) for line in read_lines(response)] == [(1, "201"), (0, None)]
    target.free.set()
    job_id = response.headers["Content-Location"].split("/")[-2]
    assert api.ended(job_id)["status"] == "succeeded"


def test_a_batch_that_is_no_synchronous_one_is_a_job_all_the_same(api: Api) -> None:
    check_accepted(api.post([good()] * 21, Accept=NDJSON), applied=None)
    check_accepted(api.post([good()], Accept=NDJSON, Prefer="respond-async"), applied="respond-async")


def test_refusals_are_problem_documents(client: FlaskClient) -> None:
    for batch, status, code in (
        ([], 422, "empty_batch"),
        ({}, 422, "not_an_array"),
        ([{"id": "a"}, {"id": "a"}], 422, "duplicate_id"),
    ):
        check_problem(client.post("/v1/batch/things", json=batch, headers={"Accept": NDJSON}), status, code)
