"""`wrk`, a load generator in C: the limit of what one request an item can reach at the target."""

import json
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

from benchmarks.programs import run_program
from benchmarks.row import Body, Call, Row, Sent

# Made anew for each request: every user is another one. wrk counts answers from 400 on; the rest are taken as 201.
_SCRIPT = """
local run, head, tail = %(run)s, %(head)s, %(tail)s
local sent = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  sent = sent + 1
  %(each)s
  return wrk.format(nil, nil, nil, head .. sent .. tail)
end
done = function(summary, latency, requests)
  local e = summary.errors
  local lost = e.connect + e.read + e.write + e.timeout
  print(string.format('{"requests": %%d, "seconds": %%f, "refused": %%d, "lost": %%d}',
    summary.requests, summary.duration / 1e6, e.status, lost))
end
"""
KEYED = 'wrk.headers["Idempotency-Key"] = run .. ":" .. sent'


def send(call: Call, bodies: Sequence[Body]) -> Sent:
    """Send for some seconds."""
    return run(call, bodies, each="")


def run(call: Call, bodies: Sequence[Body], *, each: str) -> Sent:
    """Send for some seconds; `each` is a Lua statement that is run before each request."""
    first = bodies[0]
    before, after = json.dumps(first).split(json.dumps(first["username"])[1:-1], 1)
    head = before + json.dumps(f"{first['username']} wrk ")[1:-1]
    script = Path(call.folder) / "wrk.lua"
    filled = {"run": uuid.uuid4().hex, "head": head, "tail": after}
    script.write_text(_SCRIPT % {**{name: json.dumps(text) for name, text in filled.items()}, "each": each}, "utf-8")
    done = run_program(["wrk", "-t1", f"-c{call.connections}", f"-d{call.seconds:.0f}s", "-s", script, call.url])
    summary = json.loads(done.output.splitlines()[-1])
    codes = {201: summary["requests"] - summary["refused"], 400: summary["refused"], 0: summary["lost"]}
    return Sent(
        {code: count for code, count in codes.items() if count}, summary["seconds"], {"program_peak_kib": done.peak_kib}
    )


def missing(call: Call) -> str | None:
    """Say that wrk is missing."""
    return None if shutil.which("wrk") else "wrk is not installed (apt-get install wrk)"


ROW = Row(90, "wrk", "wrk, 16 connections: the limit", send, missing=missing)
