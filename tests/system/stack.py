"""Both services and the worker, as `make run` starts them, and an environment to use them from."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.local_stack.running import Run


@contextmanager
def running(folder: Path) -> Iterator[Mapping[str, str]]:
    """Yield the environment of somebody who uses what runs."""
    var_dir = folder / "var"
    with Run(var_dir) as run:
        run.wait_up()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BATCH_")}
        yield {
            **kept,
            "BATCH_URL": f"http://127.0.0.1:{run.batch_port}",
            "BATCH_API_KEY": (var_dir / "api-key").read_text().strip(),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
