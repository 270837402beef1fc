from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_client import BatchClient
from local_stack.errors import StackError
from local_stack.supervisor import Stack
from local_stack.var_dir import VarDir


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(var_dir=tmp_path_factory.mktemp("stack"), env={"HASH_CONCURRENCY": "1"}) as stack:
        stack.wait_ready()
        yield stack


def test_the_worker_can_be_killed_and_started_again(stack: Stack) -> None:
    killed = stack.worker.pid
    stack.worker.kill()
    assert not stack.worker.is_alive
    with BatchClient(stack.batch_url, stack.api_key) as client:
        job = client.submit_job("users", [{"body": {"username": "Zoë", "password": "123456"}}])
        assert job.status().status == "queued"
        stack.restart("worker")
        assert stack.worker.pid != killed
        assert job.wait(timeout_s=60).status == "succeeded"


def test_a_service_can_be_restarted(stack: Stack) -> None:
    before = (stack.users.pid, stack.batch.pid)
    stack.restart("users")
    stack.restart("batch")
    stack.wait_ready()
    assert stack.users.pid != before[0]
    assert stack.batch.pid != before[1]


def test_a_stack_that_lost_a_child_says_so_instead_of_becoming_ready(stack: Stack) -> None:
    stack.users.kill()
    with pytest.raises(StackError, match=r"users ended with status -9; .*users\.log says why"):
        stack.wait_ready()
    stack.restart("users")
    stack.wait_ready()


def test_children_write_to_their_logs_and_see_the_environment(stack: Stack) -> None:
    assert "Listening at" in (stack.var_dir.logs / "users.log").read_text()
    assert (stack.var_dir.logs / "worker.log").exists()
    environment = Path(f"/proc/{stack.users.pid}/environ")
    if environment.exists():
        variables = environment.read_bytes().split(b"\0")
        assert b"HASH_CONCURRENCY=1" in variables
        assert f"PORT={stack.users_port}".encode() in variables


def test_a_failed_start_is_named_and_leaves_the_folder_free(tmp_path: Path) -> None:
    stack = Stack(var_dir=tmp_path, batch_database_url="nonsense://")
    with pytest.raises(StackError, match=r"batch migrate failed; .*batch\.log says why"), stack:
        pass
    with pytest.raises(StackError, match="has not been started"):
        stack.wait_ready()
    waits: list[int] = []
    var_dir = VarDir(tmp_path)
    var_dir.lock(lambda: waits.append(1))
    var_dir.unlock()
    assert waits == []
