"""`GET /batch/jobs/<jobId>/results`"""

import pytest

from tests.batch_service.api.asking import Api, check_problem, good


@pytest.fixture
def job_id(api: Api) -> str:
    """25 items; every fifth of them fails."""
    job_id = api.submit([good("taken" if number % 5 == 0 else f"n{number}") for number in range(25)])
    api.ended(job_id)
    return job_id


def test_pages_follow_one_another_in_the_order_of_the_items(api: Api, job_id: str) -> None:
    path, found = f"/v1/batch/jobs/{job_id}/results?limit=10", []
    for _ in range(3):
        response = api.client.get(path)
        found += [result["index"] for result in response.get_json()["results"]]
        link = response.headers.get("Link")
        if response.get_json()["next"] is None:
            assert link is None
            break
        assert link is not None
        assert link.endswith('>; rel="next"')
        path = link[1:].partition(">")[0]
        assert f"cursor={response.get_json()['next']}" in path
    assert found == list(range(25))


def test_a_status_can_be_asked_for_on_every_page(api: Api, job_id: str) -> None:
    first = api.get(f"jobs/{job_id}/results?status=failed&limit=3")
    second = api.get(f"jobs/{job_id}/results?status=failed&limit=3&cursor={first['next']}")
    assert [result["index"] for result in [*first["results"], *second["results"]]] == [0, 5, 10, 15, 20]
    assert second["next"] is None
    assert len(api.get(f"jobs/{job_id}/results?status=succeeded")["results"]) == 20
    assert api.get(f"jobs/{job_id}/results?status=pending") == {"results": [], "next": None}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("status=done", "/status"), ("status=", "/status"), ("limit=0", "/limit"), ("limit=1001", "/limit"), ("limit=x",
        "/limit"),
        ("cursor=x", "/cursor"), ("cursor=LTE", "/cursor"), ("cursor=MS41", "/cursor"), ("cursor=bnVsbA", "/cursor"),
        ("cursor=%00", "/cursor"), ("cursor=%ff", "/cursor"), ("cursor=dHJ1ZQ", "/cursor"),
        ("cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk", "/cursor"),
        ("limit=%00", "/limit"), ("status=%00", "/status"),
    ],
)  # fmt: skip
def test_an_argument_that_makes_no_sense_is_refused(api: Api, job_id: str, query: str, pointer: str) -> None:
    for path in (f"/v1/batch/jobs/{job_id}/results", f"/v1/batch/jobs/{job_id}"):
        problem = check_problem(api.client.get(f"{path}?{query}"), 400, "invalid_field")
        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
