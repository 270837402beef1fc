"""How tests ask the API, and how they look at what it says."""

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.batch_service.waiting import eventually

Json = Any


@dataclass
class Api:
    client: FlaskClient

    def post(self, batch: Json, *, entity: str = "things", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/v1/batch/{entity}", json=batch, headers=named)

    def results(self, batch: Json, *, entity: str = "things") -> list[Json]:
        """What a synchronous batch answers."""
        response = self.post(batch, entity=entity)
        assert response.status_code == 200, response.text
        assert response.mimetype == "application/json"
        results: list[Json] = response.get_json()
        assert len(results) == len(batch)
        return results

    def result(self, item: Json, *, entity: str = "things") -> Json:
        """The result of one item between two good ones, which it does not harm."""
        before, result, after = self.results([good("before"), item, good("after")], entity=entity)
        assert (before["responseCode"], after["responseCode"]) == ("201", "201")
        return result

    def submit(self, batch: Json, *, entity: str = "things") -> str:
        """Submit as a job; return its id."""
        response = self.post(batch, entity=entity, Prefer="respond-async")
        assert response.status_code == 202, response.text
        return str(response.get_json()["jobId"])

    def get(self, path: str) -> Json:
        response = self.client.get(f"/v1/batch/{path}")
        assert response.status_code == 200, response.text
        return response.get_json()

    def ended(self, job_id: str) -> Json:
        """The job, once it has ended."""
        eventually(lambda: self.get(f"jobs/{job_id}")["status"] not in ("queued", "running"), within_s=30)
        return self.get(f"jobs/{job_id}")


def good(name: str = "a") -> dict[str, Json]:
    return {"method": "POST", "body": {"name": name}}


def check_accepted(response: TestResponse, *, applied: str | None) -> str:
    assert response.status_code == 202, response.text
    job_id: str = response.get_json()["jobId"]
    assert response.headers["Location"] == f"/v1/batch/jobs/{job_id}"
    assert response.headers["Retry-After"] == "1"
    assert response.headers.get("Preference-Applied") == applied
    assert "Prefer" in response.headers["Vary"]
    return job_id


def check_problem(response: TestResponse, status: int, code: str) -> Json:
    """A refusal is a problem document that says what to do, and nothing of the inside of the service."""
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), response.text
    problem = response.get_json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "error", "code", "errors"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["error"] == problem["detail"]
    assert problem["instance"] == f"urn:request:{response.headers['X-Request-Id']}"
    assert "Traceback" not in response.text
    return problem


def check_refused(result: Json, status: int, code: str, pointer: str | None = None) -> Json:
    """The result of an item that the service answers itself is a problem document too."""
    assert result["responseCode"] == str(status), result
    problem = result["responseBody"]
    assert (problem["status"], problem["code"]) == (status, code)
    assert [fault["pointer"] for fault in problem["errors"]] == ([] if pointer is None else [pointer])
    assert "attempts" not in result
    return problem
