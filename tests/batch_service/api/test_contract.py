"""What the contract says of the doors that take and give more than JSON."""

from typing import Any

import pytest
from flask.testing import FlaskClient


@pytest.fixture
def paths(client: FlaskClient) -> Any:
    return client.get("/v1/openapi.json").get_json()["paths"]


@pytest.mark.parametrize(
    ("path", "method", "names"),
    [
        ("{entity}", "post", {"onError", "maxErrors", "Prefer", "Idempotency-Key", "Content-Encoding"}),
        ("jobs", "get", {"limit", "cursor", "status", "entity"}),
        ("jobs/{jobId}", "get", {"limit", "cursor", "status", "Prefer"}),
        ("jobs/{jobId}/results", "get", {"limit", "cursor", "status", "view", "Prefer"}),
        ("jobs/{jobId}/retry", "post", {"includeUnknown", "Idempotency-Key"}),
    ],
)
def test_every_argument_is_described(paths: Any, path: str, method: str, names: set[str]) -> None:
    assert {parameter["name"] for parameter in paths[f"/v1/batch/{path}"][method]["parameters"]} == names


def test_every_form_is_described(paths: Any) -> None:
    submit, results = paths["/v1/batch/{entity}"]["post"], paths["/v1/batch/jobs/{jobId}/results"]["get"]
    assert set(submit["requestBody"]["content"]) == {"application/json", "application/x-ndjson", "text/csv"}
    assert set(submit["responses"]["200"]["content"]) == {"application/json", "application/x-ndjson"}
    assert set(results["responses"]["200"]["content"]) == {"application/json", "application/x-ndjson", "text/csv"}
