"""`curl --parallel` with a config file that names every request."""

import json
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.programs import run_program
from benchmarks.row import Body, Call, Row, Sent


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Write the config, then let curl send it."""
    config = Path(call.folder) / "curl.conf"
    config.write_text("next\n".join(_request(call.url, body) for body in bodies), "utf-8")
    began = time.perf_counter()
    done = run_program(
        ["curl", "--silent", "--no-progress-meter", "--parallel", "--parallel-max", str(call.connections), "--config", config]
    )
    codes = Counter(int(code) for code in done.output.split())
    return Sent(codes, time.perf_counter() - began, {"program_peak_kib": done.peak_kib})


def _request(url: str, body: Body) -> str:
    # A config's quoted string knows the same escapes as a JSON string, as far as these bodies go.
    text = json.dumps(json.dumps(body))
    options = [
        f'url = "{url}"',
        'header = "Content-Type: application/json"',
        f"data-raw = {text}",
        'output = "/dev/null"',
        'write-out = "%{http_code}\\n"',
        'noproxy = "*"',
    ]
    return "\n".join(options) + "\n"


def missing(call: Call) -> str | None:
    """Say that curl is missing."""
    return None if shutil.which("curl") else "curl is not installed (apt-get install curl)"


ROW = Row(50, "curl", "curl --parallel, 16 connections", send, missing=missing, in_quick=False)
