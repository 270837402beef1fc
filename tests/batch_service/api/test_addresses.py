"""What is the same at every address."""

import pytest
from flask.testing import FlaskClient

from tests.batch_service.api.asking import check_problem


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/batch", "/v1/batch/", "/v2/batch/things", "/v1/users", "/v1/batch/things/1", "/%00", "/static/x"]
)
def test_an_unknown_address_is_a_problem_document(client: FlaskClient, path: str) -> None:
    check_problem(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/batch/jobs", "GET"),
        ("PUT", "/v1/batch/entities", "GET"),
        ("GET", "/v1/batch/jobs/x/cancel", "POST"),
        ("POST", "/v1/batch/jobs/x/results", "GET"),
        ("POST", "/healthz", "GET"),
        ("PUT", "/batch/jobs/x", "DELETE"),
    ],
)
def test_a_verb_that_an_address_does_not_take_is_told_which_it_takes(
    client: FlaskClient, method: str, path: str, allowed: str
) -> None:
    response = client.open(path, method=method)
    check_problem(response, 405, "method_not_allowed")
    assert allowed in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/v1/batch/jobs", "/v1/batch/jobs/x", "/nothing", "/healthz"])
def test_every_answer_has_a_request_id(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"X-Request-Id": "mine-1"}).headers["X-Request-Id"] == "mine-1"
    for unfit in ("a b", "x" * 200, "é"):
        assert client.get(path, headers={"X-Request-Id": unfit}).headers["X-Request-Id"] != unfit


@pytest.mark.parametrize("path", ["/v1/batch/jobs", "/v1/batch/entities", "/v1/batch/jobs/x"])
def test_only_json_can_be_had(client: FlaskClient, path: str) -> None:
    check_problem(client.get(path, headers={"Accept": "text/csv"}), 406, "not_acceptable")
    assert client.get(path, headers={"Accept": "text/csv, application/*;q=0.1"}).status_code in (200, 404)


def test_it_is_healthy_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "keyring": "ok"},
    }
