"""`POST /batch/<entity>`, answered with a job."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.batch_service.api.asking import Api, good
from tests.batch_service.api.tiny_api import TinyApi


def check_accepted(response: TestResponse, *, applied: str | None) -> str:
    assert response.status_code == 202, response.text
    job_id: str = response.json["jobId"]
    assert response.headers["Location"] == f"/v1/batch/jobs/{job_id}"
    assert response.headers["Retry-After"] == "1"
    assert response.headers.get("Preference-Applied") == applied
    assert "Prefer" in response.headers["Vary"]
    return job_id


@pytest.mark.parametrize("prefer", ["respond-async", "wait=0", "respond-async, wait=0"])
def test_a_job_can_be_asked_for(client: FlaskClient, prefer: str) -> None:
    response = client.post("/v1/batch/things", json=[good(), {"method": "BREW"}], headers={"Prefer": prefer})
    job_id = check_accepted(response, applied=prefer)
    job = response.json
    created = job.pop("createdAt")
    assert created.endswith("Z")
    assert job == {
        "jobId": job_id,
        "entity": "things",
        "status": "queued",
        "counts": {"total": 2, "pending": 1, "succeeded": 0, "failed": 1},
        "startedAt": None,
        "finishedAt": None,
        "expiresAt": None,
        "retryOf": None,
    }


def test_a_job_is_answered_although_it_is_over_already(api: Api) -> None:
    response = api.post([1, 2], Prefer="respond-async")
    assert (response.status_code, response.json["status"]) == (202, "failed")
    assert "Retry-After" not in response.headers


def test_a_batch_that_takes_longer_than_its_sender_waits_becomes_a_job(api: Api, target: TinyApi) -> None:
    target.free.clear()
    response = api.post([good("slow"), good("quick")], Prefer="wait=1")
    job_id = check_accepted(response, applied="wait=1")
    assert response.json["status"] == "running"
    target.free.set()
    assert api.ended(job_id)["counts"]["succeeded"] == 2


def test_a_batch_that_is_over_in_time_is_answered_whole(api: Api) -> None:
    response = api.post([good("quick")], Prefer="respond-async, wait=20")
    assert response.status_code == 200
    assert response.headers["Preference-Applied"] == "respond-async, wait=20"
    assert response.json[0]["responseCode"] == "201"


def test_a_large_batch_is_always_a_job(api: Api) -> None:
    response = api.post([good(f"n{number}") for number in range(21)])
    job_id = check_accepted(response, applied=None)
    job = api.ended(job_id)
    assert (job["status"], job["counts"]["succeeded"]) == ("succeeded", 21)
    assert [result["responseBody"]["name"] for result in job["results"]] == [f"n{number}" for number in range(21)]


def test_the_path_without_a_version_names_the_job_at_that_of_v1(client: FlaskClient) -> None:
    check_accepted(client.post("/batch/things", json=[good()], headers={"Prefer": "wait=0"}), applied="wait=0")
