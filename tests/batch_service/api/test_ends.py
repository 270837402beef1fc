"""`?onError=stop`, `?maxErrors=`, retry with its merged view, delete, and the sender's own key, over HTTP."""

from tests.batch_service.api.asking import Api, check_problem, good
from tests.batch_service.api.tiny_api import TinyApi

BAD = {"method": "POST", "body": {"nome": 1}}


def test_nothing_is_sent_after_the_first_error_where_the_sender_says_so(api: Api, target: TinyApi) -> None:
    before = len(target.asked)
    response = api.client.post("/v1/batch/things?onError=stop", json=[{"method": "BREW"}, good(), good()])
    assert [result["responseCode"] for result in response.get_json()] == ["405", "424", "424"]
    assert response.get_json()[1]["responseBody"]["code"] == "too_many_errors"
    assert len(target.asked) == before


def test_errors_are_borne_up_to_a_number(api: Api) -> None:
    response = api.client.post("/v1/batch/things?maxErrors=20", json=[*[BAD] * 20])
    assert {result["responseCode"] for result in response.get_json()} == {"400"}
    job = api.client.post("/v1/batch/things?maxErrors=2", json=[*[BAD] * 7, *[good()] * 50]).get_json()
    ended = api.ended(job["jobId"])
    assert ended["counts"]["failed"] > 2
    assert "424" in {group["responseCode"] for group in ended["errors"]}


def test_what_makes_no_sense_is_refused(api: Api) -> None:
    for query in (
        "onError=perhaps",
        "maxErrors=0",
        "maxErrors=x",
        "maxErrors=9223372036854775808",
        "onErrors=stop",
        "onError=stop&maxErrors=5",
    ):
        response = api.client.post(f"/v1/batch/things?{query}", json=[good()])
        assert response.status_code == 400, query


def test_what_failed_is_tried_again(api: Api, target: TinyApi) -> None:
    first = api.submit([good("one"), good("hang up"), BAD])
    assert api.ended(first)["counts"]["failed"] == 2
    check_problem(api.client.post(f"/v1/batch/jobs/{first}/retry?includeUnknown=perhaps"), 400, "invalid_field")
    response = api.client.post(f"/v1/batch/jobs/{first}/retry?includeUnknown=true")
    assert response.status_code == 202
    again = response.get_json()
    assert response.headers["Location"] == f"/v1/batch/jobs/{again['jobId']}"
    assert (again["retryOf"], again["counts"]["total"]) == (first, 2)
    api.ended(again["jobId"])
    keys = [asked.headers["idempotency-key"] for asked in target.asked if b"hang up" in asked.body]
    assert keys[-2:] == [f"{first}:1"] * 2
    merged = api.get(f"jobs/{again['jobId']}/results?view=merged")["results"]
    assert [(result["index"], result["responseCode"]) for result in merged] == [(0, "201"), (1, "409"), (2, "400")]


def test_a_retry_that_is_sent_again_under_its_key_is_the_same_retry(api: Api) -> None:
    first = api.submit([BAD])
    api.ended(first)
    headers = {"Idempotency-Key": "retry-of-mine"}
    again, same = (api.client.post(f"/v1/batch/jobs/{first}/retry", headers=headers) for _ in range(2))
    assert (again.status_code, same.status_code) == (202, 202)
    assert again.get_json()["jobId"] == same.get_json()["jobId"] != first
    other = api.client.post(f"/v1/batch/jobs/{first}/retry?includeUnknown=true", headers=headers)
    check_problem(other, 422, "idempotency_key_reused")


def test_a_job_that_succeeded_cannot_be_tried_again(api: Api) -> None:
    job_id = api.submit([good()])
    api.ended(job_id)
    check_problem(api.client.post(f"/v1/batch/jobs/{job_id}/retry"), 409, "nothing_to_retry")


def test_a_job_can_be_forgotten(api: Api) -> None:
    job_id = api.submit([good()])
    api.ended(job_id)
    assert api.client.delete(f"/v1/batch/jobs/{job_id}").status_code == 204
    check_problem(api.client.get(f"/v1/batch/jobs/{job_id}"), 404, "job_not_found")
    check_problem(api.client.delete(f"/v1/batch/jobs/{job_id}"), 404, "job_not_found")


def test_a_job_that_waits_can_be_neither_forgotten_nor_tried_again(api: Api, target: TinyApi) -> None:
    target.free.clear()
    job_id = api.submit([good("slow")])
    check_problem(api.client.delete(f"/v1/batch/jobs/{job_id}"), 409, "job_running")
    check_problem(api.client.post(f"/v1/batch/jobs/{job_id}/retry"), 409, "job_running")
    target.free.set()
    api.ended(job_id)


def test_the_same_key_with_the_same_batch_has_the_same_answer(api: Api, target: TinyApi) -> None:
    before = len(target.asked)
    first = api.post([good("keyed"), BAD], Idempotency_Key="abcdefgh")
    second = api.post([good("keyed"), BAD], Idempotency_Key='"abcdefgh"')
    assert (first.status_code, first.get_json()) == (second.status_code, second.get_json())
    assert len(target.asked) == before + 2
    check_problem(api.post([good("other")], Idempotency_Key="abcdefgh"), 422, "idempotency_key_reused")
    assert api.post([good("keyed"), BAD], entity="nowhere", Idempotency_Key="abcdefgh").status_code == 422


def test_a_malformed_key_is_refused(api: Api) -> None:
    for key in ("short", "x" * 256, "white space", '"half-quoted', "semi;colon"):
        check_problem(api.post([good()], Idempotency_Key=key), 400, "invalid_idempotency_key")


def test_a_full_queue_says_when_to_come_again(api: Api, target: TinyApi) -> None:
    target.free.clear()
    waiting = []
    response = api.post([good("slow")] * 60, Prefer="respond-async")
    while response.status_code == 202:
        waiting.append(response.get_json()["jobId"])
        assert len(waiting) < 20
        response = api.post([good("slow")] * 60, Prefer="respond-async")
    check_problem(response, 503, "queue_full")
    assert int(response.headers["Retry-After"]) > 0
    for job_id in waiting:
        api.client.post(f"/v1/batch/jobs/{job_id}/cancel")
    target.free.set()
    for job_id in waiting:
        api.ended(job_id)
