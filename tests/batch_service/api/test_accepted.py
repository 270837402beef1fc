"""`POST /batch/<entity>` as a job, with no worker that would begin it."""

import pytest
from flask.testing import FlaskClient

from tests.batch_service.api.asking import check_accepted, good


@pytest.mark.parametrize("prefer", ["respond-async", "wait=0", "respond-async, wait=0"])
def test_a_job_can_be_asked_for(client: FlaskClient, prefer: str) -> None:
    response = client.post("/v1/batch/things", json=[good(), {"method": "BREW"}], headers={"Prefer": prefer})
    job_id = check_accepted(response, applied=prefer)
    job = response.get_json()
    created, expires = job.pop("createdAt"), job.pop("expiresAt")
    assert created.endswith("Z")
    assert created < expires
    assert job == {
        "jobId": job_id,
        "entity": "things",
        "status": "queued",
        "counts": {"total": 2, "pending": 1, "succeeded": 0, "failed": 1},
        "startedAt": None,
        "finishedAt": None,
        "retryOf": None,
    }


def test_the_path_without_a_version_names_the_job_at_that_of_v1(client: FlaskClient) -> None:
    check_accepted(client.post("/batch/things", json=[good()], headers={"Prefer": "wait=0"}), applied="wait=0")
