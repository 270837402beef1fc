"""The client is installed where nothing of either service is, and works."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.batch_client.commands.batchctl import ENTITIES, Batchctl, document
from tests.batch_client.scripted import Answer, ScriptedService
from tests.contract.independence.installation import Installation

SERVICES = ("users_service", "batch_service", "servicekit", "flask", "sqlalchemy", "marshmallow", "pycurl", "celery", "pytest")


@pytest.fixture(scope="module")
def client_alone(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation("rest-batch-client", tmp_path_factory.mktemp("client-alone"))


def test_the_client_brings_nothing_of_the_services(client_alone: Installation) -> None:
    assert client_alone.can_import("batch_client")
    assert [each for each in SERVICES if client_alone.can_import(each)] == []
    assert {"requests", "click", "rich"} < client_alone.distributions
    assert len(client_alone.distributions) < 15


def test_the_library_needs_no_more_than_requests(client_alone: Installation) -> None:
    code = "import sys, batch_client; print(*(name for name in ('click', 'rich') if name in sys.modules))"
    ran = subprocess.run([client_alone.python, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def test_the_command_works(client_alone: Installation, tmp_path: Path) -> None:
    taken = document("queued", pending=1, total=1)
    ended = Answer(200, document("succeeded", total=1))
    no_events = Answer(404, {})
    with ScriptedService(ENTITIES, ENTITIES, Answer(202, taken), no_events, ended) as service:
        batchctl = Batchctl(service.url, tmp_path, command=client_alone.command("batchctl"))
        file = batchctl.write("users.csv", "username\nAna\n")
        done = batchctl("import", "users", file, "-o", "json", environment={"PYTHONPATH": ""})
    assert (done.code, json.loads(done.out)[0]["status"], done.err) == (0, "succeeded", "")
    assert batchctl("--version").out.startswith("batchctl 0.")
