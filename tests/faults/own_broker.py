"""A broker of a run's own, which may be killed and started again; its data is in the run's folder."""

import os
import shutil
import subprocess
from pathlib import Path

from local_stack.ports import free_port
from local_stack.process import Command
from tests.faults.fault import NotTriedError

_RABBITMQ = ("rabbitmq-server", "/usr/lib/rabbitmq/bin/rabbitmq-server")


def own_broker(kind: str, folder: Path) -> tuple[Command, str]:
    """Return the command of a broker on a free port, and its URL; raise NotTriedError where it is not installed."""
    folder.mkdir(exist_ok=True)
    return _redis(folder) if kind == "redis" else _rabbitmq(folder)


def _redis(folder: Path) -> tuple[Command, str]:
    program = shutil.which("redis-server")
    if program is None:
        raise NotTriedError("redis-server is not installed")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"]
    return Command("broker", [program, *options], dict(os.environ)), f"redis://127.0.0.1:{port}/0"


def _rabbitmq(folder: Path) -> tuple[Command, str]:
    program = next((found for name in reversed(_RABBITMQ) if (found := shutil.which(name))), None)
    if program is None or not _epmd_answers():
        raise NotTriedError("rabbitmq-server is not installed, or epmd does not run")
    port = free_port()
    environment = {
        **os.environ,
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"faults{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
    }
    (folder / "plugins").write_text("[].\n")
    return Command("broker", [program], environment), f"amqp://guest:guest@127.0.0.1:{port}//"


def _epmd_answers() -> bool:
    """Erlang's port mapper: started by the first node of a machine, and it outlives that; a run leaves nothing behind."""
    epmd = shutil.which("epmd")
    return epmd is not None and subprocess.run([epmd, "-names"], capture_output=True, check=False).returncode == 0
