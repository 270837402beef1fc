import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local_stack.ports import is_ready
from tests.brokers import Broker
from tests.local_stack.running import RUN, Run
from tests.local_stack.stand_ins import is_running, until


def members(run: Run) -> list[int]:
    """The processes that listen, and the workers of each: gunicorn names them all."""
    return [int(pid) for pid in re.findall(r"\[([0-9]+)\] \[INFO\] (?:Starting gunicorn|Booting worker)", run.output)]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl to paste the line to")
def test_it_runs_until_it_is_told_to_end_and_all_its_state_is_in_one_folder(tmp_path: Path) -> None:
    var_dir = tmp_path / "a folder"
    with Run(var_dir) as run:
        run.wait_up()
        assert is_ready(run.users_port)
        assert is_ready(run.batch_port)
        assert f"http://127.0.0.1:{run.users_port}/" in run.output
        assert f"http://127.0.0.1:{run.batch_port}/" in run.output
        pasted = subprocess.run(["/bin/sh", "-c", run.curl], capture_output=True, check=True, timeout=60)
        assert [result["responseCode"] for result in json.loads(pasted.stdout)] == ["201", "400"]
        names = {path.name for path in var_dir.iterdir()}
        assert {"users.db", "batch.db", "api-key", "logs"} <= names
        assert stat.S_IMODE((var_dir / "api-key").stat().st_mode) == 0o600
        assert run.end(signal.SIGTERM) == 0
        assert not any(is_running(pid) for pid in members(run))


def test_it_survives_being_killed_and_started_again_at_once(tmp_path: Path) -> None:
    var_dir = tmp_path / "var"
    with Run(var_dir) as run:
        run.wait_up()
        key = (var_dir / "api-key").read_text()
        run.process.kill()
        run.process.wait()
        with Run(var_dir, users_port=run.users_port) as again:
            until(lambda: not any(is_running(pid) for pid in members(run)), limit_s=5)
            again.wait_up()
            assert (var_dir / "api-key").read_text() == key
            assert again.end(signal.SIGINT) == 0


def test_it_refuses_a_folder_that_is_in_use_and_a_port_that_is_taken(tmp_path: Path) -> None:
    var_dir = tmp_path / "var"
    with Run(var_dir) as run:
        run.wait_up()
        with Run(var_dir) as second:
            assert second.process.wait(30) == 1
            assert f"is in use by process {run.process.pid}" in second.output
        with Run(tmp_path / "other", users_port=run.users_port) as third:
            assert third.process.wait(30) == 1
            assert third.output == (
                f"Error: 127.0.0.1:{run.users_port} cannot be listened on (address already in use):"
                " set USERS_PORT to another port.\n"
            )
        assert not list((tmp_path / "other").glob("*.db"))
        assert is_ready(run.users_port)
        assert run.end(signal.SIGTERM) == 0


def test_it_starts_a_child_again_and_ends_with_a_killed_parent(tmp_path: Path) -> None:
    # The parent stands for make: it starts the run as its child, and is killed without a word.
    parent = "import subprocess, sys, os; sys.exit(subprocess.call([*sys.argv[1:], '--follow-pid', str(os.getpid())]))"
    with Run(tmp_path / "var", command=[sys.executable, "-c", parent, *RUN]) as run:
        run.wait_up()
        victim = members(run)[0]
        os.kill(victim, signal.SIGKILL)
        until(lambda: "starting it again" in run.output)
        until(lambda: is_ready(run.users_port) and is_ready(run.batch_port), limit_s=30)
        run.process.kill()
        run.process.wait()
        until(lambda: "Stopping ..." in run.output)
        until(lambda: not any(is_running(pid) for pid in members(run)), limit_s=30)


def test_two_services_cannot_have_one_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    done = subprocess.run(
        [*RUN, "--users-port", port, "--batch-port", port, "--var-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr == f"Error: USERS_PORT and BATCH_PORT are both {port}: set one of them to another port.\n"


@pytest.mark.parametrize("broker", ["amqp"], indirect=True)
def test_it_runs_on_a_broker_and_does_not_say_its_password(tmp_path: Path, broker: Broker) -> None:
    with Run(tmp_path / "var", BROKER_URL=broker.url, BROKER_QUEUE=broker.queue) as run:
        run.wait_up()
        assert f"BROKER_URL names {urlsplit(broker.url).scheme}://" in run.output
        assert ":guest@" not in run.output
        pasted = subprocess.run(["/bin/sh", "-c", run.curl], capture_output=True, check=True, timeout=60)
        assert [result["responseCode"] for result in json.loads(pasted.stdout)] == ["201", "400"]
        until(lambda: "celery.apps.worker: batch-" in run.output)
        assert run.end(signal.SIGTERM) == 0
