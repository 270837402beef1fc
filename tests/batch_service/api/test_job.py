"""`GET /batch/jobs/<jobId>`"""

import pytest
from flask.testing import FlaskClient

from tests.batch_service.api.asking import Api, check_problem, good
from tests.batch_service.api.tiny_api import TinyApi


def test_a_job_that_ended_has_its_counts_its_results_and_what_failed(api: Api) -> None:
    bad = {"method": "POST", "body": {"nome": 1}}
    job_id = api.submit([{"id": "x", **good("a")}, bad, good("taken"), bad, {"method": "BREW"}])
    job = api.ended(job_id)
    assert (job["jobId"], job["entity"], job["status"]) == (job_id, "things", "partial")
    assert job["counts"] == {"total": 5, "pending": 0, "succeeded": 1, "failed": 4}
    assert job["createdAt"] <= job["startedAt"] <= job["finishedAt"]
    assert (job["retryOf"], job["next"]) == (None, None)
    groups = job["errors"]
    assert groups[0] == {"responseCode": "400", "error": "Missing name", "count": 2, "indexes": [1, 3]}
    assert [(group["responseCode"], group["count"], group["indexes"]) for group in groups[1:]] == [
        ("405", 1, [4]),
        ("409", 1, [2]),
    ]
    assert [(result["index"], result["responseCode"]) for result in job["results"]] == [
        (0, "201"), (1, "400"), (2, "409"), (3, "400"), (4, "405"),
    ]  # fmt: skip
    assert [result.get("id") for result in job["results"]] == ["x", None, None, None, None]


@pytest.mark.parametrize(
    ("batch", "status"),
    [
        ([good("a"), good("b")], "succeeded"),
        ([good("taken"), {"method": "BREW"}], "failed"),
        ([good("a"), good("taken")], "partial"),
    ],
)
def test_a_job_is_named_after_its_items(api: Api, batch: list[object], status: str) -> None:
    assert api.ended(api.submit(batch))["status"] == status


def test_a_job_can_be_read_while_it_runs(api: Api, target: TinyApi) -> None:
    target.free.clear()
    job_id = api.submit([good("a"), good("slow"), good("taken")])
    path = f"/v1/batch/jobs/{job_id}"
    for _ in range(2_000):
        response = api.client.get(path)
        counts = response.get_json()["counts"]
        assert counts["pending"] + counts["succeeded"] + counts["failed"] == counts["total"] == 3
        assert response.headers["Retry-After"] == "1"
        if counts["pending"] == 1:
            break
    assert response.get_json()["status"] == "running"
    assert response.get_json()["finishedAt"] is None
    assert [result["responseCode"] for result in response.get_json()["results"]] == ["201", None, "409"]
    assert response.get_json()["results"][1] == {"index": 1, "responseCode": None, "responseBody": None, "attempts": 1}
    target.free.set()
    api.ended(job_id)
    assert "Retry-After" not in api.client.get(path).headers


def test_a_job_of_every_size_is_answered_with_the_first_page(api: Api) -> None:
    job_id = api.submit([good(f"n{number}") for number in range(60)])
    api.ended(job_id)
    job = api.get(f"jobs/{job_id}?limit=25")
    assert [result["index"] for result in job["results"]] == list(range(25))
    assert job["next"]
    rest = api.get(f"jobs/{job_id}?limit=100&cursor={job['next']}")
    assert [result["index"] for result in rest["results"]] == list(range(25, 60))
    assert rest["next"] is None


@pytest.mark.parametrize(
    "job_id",
    [
        "x",
        "0199aab3-7c1e-7e57-8b7c-1e57a1d40d9a",
        "%00",
        "a%00b",
        "%27",
        "%ff",
        "%f0%9f%98%80",
        "x" * 5_000,
        "..",
        "null",
        "%2e",
    ],
)
@pytest.mark.parametrize("call", [("GET", ""), ("GET", "/results"), ("POST", "/cancel")])
def test_what_is_no_job_is_not_found(client: FlaskClient, job_id: str, call: tuple[str, str]) -> None:
    method, rest = call
    response = client.open(f"/v1/batch/jobs/{job_id}{rest}", method=method)
    assert response.status_code == 404
    check_problem(response, 404, response.get_json()["code"])


def test_a_job_is_there_at_the_path_without_a_version(api: Api, client: FlaskClient) -> None:
    job_id = api.submit([good()])
    api.ended(job_id)
    assert client.get(f"/batch/jobs/{job_id}").get_json() == client.get(f"/v1/batch/jobs/{job_id}").get_json()
