"""`GET /batch/jobs`"""

import pytest
from flask.testing import FlaskClient

from tests.batch_service.api.asking import check_problem, good


@pytest.fixture
def ids(client: FlaskClient) -> list[str]:
    """Five queued jobs, the newest first; the third of them of another entity."""
    ids: list[str] = []
    for entity in ("things", "things", "nowhere", "things", "things"):
        response = client.post(f"/v1/batch/{entity}", json=[good()], headers={"Prefer": "wait=0"})
        ids.insert(0, response.get_json()["jobId"])
    return ids


def test_jobs_are_listed_newest_first_page_by_page(client: FlaskClient, ids: list[str]) -> None:
    first = client.get("/v1/batch/jobs?limit=3")
    assert [job["jobId"] for job in first.get_json()["jobs"]] == ids[:3]
    assert first.get_json()["jobs"][0]["counts"] == {"total": 1, "pending": 1, "succeeded": 0, "failed": 0}
    assert first.headers["Link"] == f'</v1/batch/jobs?limit=3&cursor={first.get_json()["next"]}>; rel="next"'
    second = client.get(f"/v1/batch/jobs?limit=2&cursor={first.get_json()['next']}")
    assert [job["jobId"] for job in second.get_json()["jobs"]] == ids[3:]


def test_the_last_page_says_so(client: FlaskClient, ids: list[str]) -> None:
    path, found = "/v1/batch/jobs?limit=4", []
    for _ in range(100):
        response = client.get(path)
        found += [job["jobId"] for job in response.get_json()["jobs"]]
        if response.get_json()["next"] is None:
            break
        path = f"/v1/batch/jobs?limit=4&cursor={response.get_json()['next']}"
    assert "Link" not in response.headers
    assert found[:5] == ids
    assert len(set(found)) == len(found)
    assert found == sorted(found, reverse=True)


def test_a_status_and_an_entity_can_be_asked_for(client: FlaskClient, ids: list[str]) -> None:
    client.post(f"/v1/batch/jobs/{ids[1]}/cancel")

    def found(query: str) -> list[int]:
        listed = [job["jobId"] for job in client.get(f"/v1/batch/jobs?{query}").get_json()["jobs"]]
        return [number for number, job_id in enumerate(ids) if job_id in listed]

    assert found("status=cancelled") == [1]
    assert found("status=queued") == [0, 2, 3, 4]
    assert found("entity=nowhere") == [2]
    assert found("entity=nowhere&status=cancelled") == []
    assert found("entity=unheard-of") == []


@pytest.mark.parametrize(
    "query",
    [
        "status=done",
        "status=%00",
        "entity=%00",
        "entity=A",
        "entity=..",
        "limit=0",
        "limit=-1",
        "limit=1e3",
        "cursor=MQ",
        "cursor=%00",
    ],
)
def test_an_argument_that_makes_no_sense_is_refused(client: FlaskClient, query: str) -> None:
    check_problem(client.get(f"/v1/batch/jobs?{query}"), 400, "invalid_field")
