"""The running services held to their contract documents by machine: what schemathesis thinks of to send, alone and in chains.

`make conformance` runs it for longer, from another seed each time. What is left out is named in schemathesis.toml, with its
reason.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch_service.processes import BatchService
from tests.users_service.processes import UsersService

ROOT = Path(__file__).resolve().parent.parent.parent
MINUTES = float(os.environ.get("CONFORMANCE_MINUTES", "0"))
SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")
REGISTRY = """
[entities.users]
url = "{url}/v1/users"
headers = ["If-Match"]
idempotent_writes = true
batch = {{ path = "/batch" }}
"""


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UsersService]:
    with UsersService(tmp_path_factory.mktemp("users")) as users:
        yield users


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, users: UsersService) -> Iterator[BatchService]:
    folder = tmp_path_factory.mktemp("batch")
    with BatchService(folder, f"sqlite:///{folder}/batch.db", REGISTRY.format(url=users.url), MAX_WAIT_S=2) as batch:
        yield batch


@pytest.mark.timeout(180 + MINUTES * 60)
@pytest.mark.parametrize("contract", ["users.v1", "users.v2", "batch.v1"])
def test_the_service_keeps_its_contract(contract: str, users: UsersService, batch: BatchService, tmp_path: Path) -> None:
    port = users.port if contract.startswith("users") else batch.port
    said = _run(contract, f"http://127.0.0.1:{port}", tmp_path)
    assert _number(r"Selected: (\d+)", said) == _number(r"Tested: (\d+)", said) == 8
    assert _number(r"API Links:\s+(\d+) covered", said) > 0


def _run(contract: str, url: str, folder: Path) -> str:
    config = str(ROOT / "tests" / "contract" / "schemathesis.toml")
    document = str(ROOT / "openapi" / f"{contract}.yaml")
    how_long = ["--max-time", str(int(MINUTES * 20))] if MINUTES else ["--max-examples", "6", "--seed", "1"]
    command = [SCHEMATHESIS, "--config-file", config, "run", document, "--url", url, "--warnings", "off", *how_long]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.contract.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=folder, env={**os.environ, **hooks}, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def _number(pattern: str, said: str) -> int:
    found = re.search(pattern, said)
    assert found, said
    return int(found[1])
