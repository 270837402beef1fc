"""`POST /batch/<entity>`, answered with a job."""

from tests.batch_service.api.asking import Api, check_accepted, good
from tests.batch_service.api.tiny_api import TinyApi


def test_a_job_is_answered_although_it_is_over_already(api: Api) -> None:
    response = api.post([1, 2], Prefer="respond-async")
    assert (response.status_code, response.get_json()["status"]) == (202, "failed")
    assert "Retry-After" not in response.headers


def test_a_batch_that_takes_longer_than_its_sender_waits_becomes_a_job(api: Api, target: TinyApi) -> None:
    target.free.clear()
    response = api.post([good("slow"), good("quick")], Prefer="wait=1")
    job_id = check_accepted(response, applied="wait=1")
    assert response.get_json()["status"] == "running"
    target.free.set()
    assert api.ended(job_id)["counts"]["succeeded"] == 2


def test_a_batch_that_is_over_in_time_is_answered_whole(api: Api) -> None:
    response = api.post([good("quick")], Prefer="respond-async, wait=20")
    assert response.status_code == 200
    assert response.headers["Preference-Applied"] == "respond-async, wait=20"
    assert response.get_json()[0]["responseCode"] == "201"


def test_a_large_batch_is_always_a_job(api: Api) -> None:
    response = api.post([good(f"n{number}") for number in range(21)])
    job_id = check_accepted(response, applied=None)
    job = api.ended(job_id)
    assert (job["status"], job["counts"]["succeeded"]) == ("succeeded", 21)
    assert [result["responseBody"]["name"] for result in job["results"]] == [f"n{number}" for number in range(21)]
