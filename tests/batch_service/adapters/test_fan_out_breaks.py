"""A fan-out that cannot go on ends its process: a worker that claims and cannot send would stop every target."""

import subprocess
import sys

SCRIPT = """
import threading
from batch_service.adapters.fan_out import LibcurlFanOut
from tests.batch_service.making import make_entity, make_request
from tests.batch_service.open_gate import OpenGate

class Broken(OpenGate):
    def enter(self, entity):
        raise OverflowError("of a gate")

LibcurlFanOut(Broken()).open(make_entity()).send([make_request()])
threading.Event().wait(20)
"""


def test_it_ends_its_process_and_says_why() -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 70
    assert "the fan-out broke; this worker ends" in ended.stderr
    assert "OverflowError: of a gate" in ended.stderr
