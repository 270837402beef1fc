"""`POST /batch/jobs/<jobId>/cancel`"""

from flask.testing import FlaskClient

from tests.batch_service.api.asking import Api, check_problem, good
from tests.batch_service.api.tiny_api import TinyApi


def test_a_job_that_waits_ends_at_once(client: FlaskClient, target: TinyApi) -> None:
    sent = len(target.asked)
    job_id = client.post("/v1/batch/things", json=[good()] * 10, headers={"Prefer": "wait=0"}).json["jobId"]
    response = client.post(f"/v1/batch/jobs/{job_id}/cancel")
    assert response.status_code == 200
    assert (response.json["status"], response.json["counts"]["failed"]) == ("cancelled", 10)
    job = client.get(f"/v1/batch/jobs/{job_id}").json
    assert {result["responseCode"] for result in job["results"]} == {"499"}
    assert job["results"][0]["responseBody"]["code"] == "cancelled"
    assert (job["errors"][0]["responseCode"], job["errors"][0]["count"]) == ("499", 10)
    assert len(target.asked) == sent


def test_what_was_sent_keeps_its_result(api: Api, target: TinyApi) -> None:
    target.free.clear()
    job_id = api.submit([good("a")] + [good("slow")] * 50)
    while api.get(f"jobs/{job_id}")["counts"]["succeeded"] == 0:
        pass
    response = api.client.post(f"/v1/batch/jobs/{job_id}/cancel")
    assert response.json["status"] == "running"
    assert response.headers["Retry-After"] == "1"
    target.free.set()
    job = api.ended(job_id)
    assert job["status"] == "cancelled"
    codes = [result["responseCode"] for result in api.get(f"jobs/{job_id}?limit=100")["results"]]
    assert codes[0] == "201"
    assert codes.count("201") == job["counts"]["succeeded"]
    assert codes.count("499") == job["counts"]["failed"] > 0


def test_cancelling_twice_is_cancelling_once(client: FlaskClient) -> None:
    job_id = client.post("/v1/batch/things", json=[good()], headers={"Prefer": "wait=0"}).json["jobId"]
    first, second = (client.post(f"/v1/batch/jobs/{job_id}/cancel") for _ in range(2))
    assert (first.status_code, first.json) == (second.status_code, second.json)


def test_a_job_that_ended_cannot_be_cancelled(api: Api) -> None:
    job_id = api.submit([good()])
    before = api.ended(job_id)
    check_problem(api.client.post(f"/v1/batch/jobs/{job_id}/cancel"), 409, "job_finished")
    assert api.get(f"jobs/{job_id}") == before


def test_a_job_can_be_cancelled_at_the_path_without_a_version(client: FlaskClient) -> None:
    job_id = client.post("/batch/things", json=[good()], headers={"Prefer": "wait=0"}).json["jobId"]
    assert client.post(f"/batch/jobs/{job_id}/cancel").json["status"] == "cancelled"
