"""`POST /batch/jobs/<jobId>/cancel` of a job that runs, or is over."""

from tests.batch_service.api.asking import Api, check_problem, good
from tests.batch_service.api.tiny_api import TinyApi


def test_what_was_sent_keeps_its_result(api: Api, target: TinyApi) -> None:
    target.free.clear()
    job_id = api.submit([good("a")] + [good("slow")] * 50)
    while api.get(f"jobs/{job_id}")["counts"]["succeeded"] == 0:
        pass
    response = api.client.post(f"/v1/batch/jobs/{job_id}/cancel")
    assert response.get_json()["status"] == "running"
    assert response.headers["Retry-After"] == "1"
    target.free.set()
    job = api.ended(job_id)
    assert job["status"] == "cancelled"
    codes = [result["responseCode"] for result in api.get(f"jobs/{job_id}?limit=100")["results"]]
    assert codes[0] == "201"
    assert codes.count("201") == job["counts"]["succeeded"]
    assert codes.count("499") == job["counts"]["failed"] > 0


def test_a_job_that_ended_cannot_be_cancelled(api: Api) -> None:
    job_id = api.submit([good()])
    before = api.ended(job_id)
    check_problem(api.client.post(f"/v1/batch/jobs/{job_id}/cancel"), 409, "job_finished")
    assert api.get(f"jobs/{job_id}") == before
