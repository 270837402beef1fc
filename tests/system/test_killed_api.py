"""The API may be killed at any moment; whoever starts it again finds its port free, and the job that was waited for goes on."""

import signal
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.batch_service.gate import Gate
from tests.batch_service.processes import BatchService
from tests.batch_service.waiting import eventually


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_answers_ends_with_the_arbiter_that_was_killed(tmp_path: Path, database_url: str) -> None:
    with Gate() as gate:
        registry = f'[entities.things]\nurl = "{gate.target.url}"\n'
        with BatchService(tmp_path, database_url, registry) as service:

            def wait_for_a_batch() -> None:
                with suppress(requests.ConnectionError):
                    requests.post(f"{service.url}/things", json=[{"body": {"name": "n"}}], timeout=60)

            sender = threading.Thread(target=wait_for_a_batch)
            sender.start()
            eventually(lambda: gate.target.asked)
            service.stop("serve", signal.SIGKILL)  # the arbiter alone
            eventually(lambda: is_free(service.port), within_s=5)
            sender.join(10)
            service.start("serve")
            gate.open()
            (job,) = service.get("jobs")["jobs"]
            assert service.ended(job["jobId"])["status"] == "succeeded"
