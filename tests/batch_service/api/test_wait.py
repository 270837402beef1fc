"""`GET /batch/jobs/<jobId>` with `Prefer: wait=<seconds>`: one request instead of many."""

import threading
import time

from flask import Flask
from flask.testing import FlaskClient

from batch_service.api.context import services
from tests.batch_service.api.asking import Api, check_problem, good
from tests.batch_service.api.tiny_api import TinyApi


def test_the_answer_comes_when_the_job_has_ended(api: Api, target: TinyApi) -> None:
    target.free.clear()
    job_id = api.submit([good("slow")])
    threading.Timer(0.3, target.free.set).start()
    response = api.client.get(f"/v1/batch/jobs/{job_id}", headers={"Prefer": "wait=20"})
    assert response.get_json()["status"] == "succeeded"
    assert response.get_json()["results"][0]["responseCode"] == "201"
    assert response.headers["Preference-Applied"] == "wait=20"
    assert "Retry-After" not in response.headers


def test_or_when_the_time_is_over(api: Api, target: TinyApi) -> None:
    target.free.clear()
    job_id = api.submit([good("slow")])
    before = time.monotonic()
    response = api.client.get(f"/v1/batch/jobs/{job_id}", headers={"Prefer": "wait=1"})
    assert time.monotonic() - before >= 1
    assert response.get_json()["counts"]["pending"] == 1
    assert response.headers["Preference-Applied"] == "wait=1"
    assert response.headers["Retry-After"] == "1"
    target.free.set()
    api.ended(job_id)


def test_a_job_that_is_not_there_is_not_waited_for(client: FlaskClient) -> None:
    path = "/v1/batch/jobs/01a204f5-7c74-71e9-9bf8-b90931cf6bb0"
    check_problem(client.get(path, headers={"Prefer": "wait=60"}), 404, "job_not_found")


def test_where_too_many_wait_the_others_are_answered_at_once(app: Flask, api: Api, target: TinyApi) -> None:
    target.free.clear()
    job_id = api.submit([good("slow")])
    with app.app_context():
        places = services().wait_for_job.places
    taken = 0
    while places.acquire(blocking=False):
        taken += 1
    assert taken == 2  # half of the threads
    response = api.client.get(f"/v1/batch/jobs/{job_id}", headers={"Prefer": "wait=60"})
    assert response.get_json()["counts"]["pending"] == 1
    assert "Preference-Applied" not in response.headers
    places.release(taken)
    waited = api.client.get(f"/v1/batch/jobs/{job_id}", headers={"Prefer": "wait=1"})
    assert waited.headers["Preference-Applied"] == "wait=1"
    target.free.set()
    api.ended(job_id)
