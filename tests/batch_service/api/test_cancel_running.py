"""`POST /batch/jobs/<jobId>/cancel` of a job that runs, or is over."""

from tests.batch_service.api.asking import Api, check_problem, good
from tests.batch_service.api.tiny_api import TinyApi
from tests.batch_service.waiting import eventually


def test_what_was_sent_keeps_its_result(api: Api, target: TinyApi) -> None:
    target.free.clear()
    sent = len(target.asked)
    job_id = api.submit([good("slow")] * 50)
    eventually(lambda: len(target.asked) == sent + 8)  # as many as there are connections
    response = api.client.post(f"/v1/batch/jobs/{job_id}/cancel")
    assert response.get_json()["status"] == "running"
    assert response.headers["Retry-After"] == "1"
    target.free.set()
    job = api.ended(job_id)
    assert job["status"] == "cancelled"
    codes = [result["responseCode"] for result in api.get(f"jobs/{job_id}?limit=100")["results"]]
    assert codes.count("201") == job["counts"]["succeeded"] == len(target.asked) - sent >= 8
    assert codes.count("499") == job["counts"]["failed"] > 0


def test_a_job_that_ended_cannot_be_cancelled(api: Api) -> None:
    job_id = api.submit([good()])
    before = api.ended(job_id)
    check_problem(api.client.post(f"/v1/batch/jobs/{job_id}/cancel"), 409, "job_finished")
    assert api.get(f"jobs/{job_id}") == before
