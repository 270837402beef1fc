"""What an operator plans for a version is told by the services themselves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.batch_service.processes import BatchService
from tests.users_service.processes import UsersService

DEPRECATED = {"V1_DEPRECATED_AT": "2026-01-01", "V1_POLICY_URL": "https://example.org/versions"}
GONE = {**DEPRECATED, "V1_SUNSET_AT": "2026-02-01"}
REGISTRY = '[entities.things]\nurl = "http://127.0.0.1:9/v1/things"\n'


def test_the_users_service_says_goodbye(tmp_path: Path) -> None:
    with UsersService(tmp_path, **GONE) as users:
        for path in ("/users", "/v1/users", "/v1/users/batch"):
            answer = requests.get(f"{users.url}{path}", timeout=10)
            assert (answer.status_code, answer.json()["code"]) == (410, "version_gone")
            assert f'</v2{path.removeprefix("/v1")}>; rel="successor-version"' in answer.headers["Link"]
        assert requests.get(f"{users.url}/v2/users", timeout=10).status_code == 200
        assert "Deprecation" not in requests.get(f"{users.url}/v2/users", timeout=10).headers
        assert requests.get(f"{users.url}/healthz", timeout=10).status_code == 200


def test_the_batch_service_says_so_beforehand(tmp_path: Path) -> None:
    with BatchService(tmp_path, f"sqlite:///{tmp_path}/batch.db", REGISTRY, **DEPRECATED) as batch:
        for path in ("/batch/entities", "/v1/batch/entities", "/v1/batch/jobs/7"):
            answer = requests.get(f"http://127.0.0.1:{batch.port}{path}", timeout=10)
            assert answer.headers["Deprecation"] == "@1767225600"
            assert answer.headers["Link"] == '<https://example.org/versions>; rel="deprecation"; type="text/html"'
        document = requests.get(f"http://127.0.0.1:{batch.port}/v1/openapi.json", timeout=10).json()
        assert document["paths"]["/v1/batch/entities"]["get"]["deprecated"] is True


@pytest.mark.parametrize("service", ["users_service", "batch_service"])
def test_a_sunset_without_a_warning_is_refused(service: str) -> None:
    environment = {**os.environ, "V1_SUNSET_AT": "2026-02-01"}
    ran = subprocess.run(
        [sys.executable, "-m", f"{service}.cli", "openapi"], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "V1_SUNSET_AT needs a V1_DEPRECATED_AT" in ran.stderr
