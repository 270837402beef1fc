"""`POST /batch/jobs/<jobId>/cancel` of a job that no worker has begun."""

from flask.testing import FlaskClient

from tests.batch_service.api.asking import good
from tests.batch_service.api.tiny_api import TinyApi


def test_a_job_that_waits_ends_at_once(client: FlaskClient, target: TinyApi) -> None:
    sent = len(target.asked)
    job_id = client.post("/v1/batch/things", json=[good()] * 10, headers={"Prefer": "wait=0"}).get_json()["jobId"]
    response = client.post(f"/v1/batch/jobs/{job_id}/cancel")
    assert response.status_code == 200
    assert (response.get_json()["status"], response.get_json()["counts"]["failed"]) == ("cancelled", 10)
    job = client.get(f"/v1/batch/jobs/{job_id}").get_json()
    assert {result["responseCode"] for result in job["results"]} == {"499"}
    assert job["results"][0]["responseBody"]["code"] == "cancelled"
    assert (job["errors"][0]["responseCode"], job["errors"][0]["count"]) == ("499", 10)
    assert len(target.asked) == sent


def test_cancelling_twice_is_cancelling_once(client: FlaskClient) -> None:
    job_id = client.post("/v1/batch/things", json=[good()], headers={"Prefer": "wait=0"}).get_json()["jobId"]
    first, second = (client.post(f"/v1/batch/jobs/{job_id}/cancel") for _ in range(2))
    assert (first.status_code, first.get_json()) == (second.status_code, second.get_json())


def test_a_job_can_be_cancelled_at_the_path_without_a_version(client: FlaskClient) -> None:
    job_id = client.post("/batch/things", json=[good()], headers={"Prefer": "wait=0"}).get_json()["jobId"]
    assert client.post(f"/batch/jobs/{job_id}/cancel").get_json()["status"] == "cancelled"
