import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.local_stack.stand_ins import until

DEMO = [sys.executable, "-m", "local_stack", "demo"]


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("KEEP", "PLAIN", "USERS_PORT", "BATCH_PORT")}
    return {**kept, "TMPDIR": str(folder), "COLUMNS": "120"}


def require_success(output: str) -> None:
    assert "Every count is as expected, to the item." in output, output
    assert "409 This username is taken" in output
    assert "400 Missing password" in output
    assert re.search(r"Connections opened to the users service: [1-9]", output)
    assert re.search(r"The batch was [0-9.]+ times as fast", output)


def test_it_imports_checks_compares_and_ends_by_itself(tmp_path: Path) -> None:
    command = [*DEMO, "--rows", "500", "--plain"]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=150, check=False)
    require_success(done.stdout + done.stderr)
    assert done.returncode == 0
    assert "argon2id is made to be expensive" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_kept_services_stay_until_they_are_told_to_end(tmp_path: Path) -> None:
    output = tmp_path / "output"
    with output.open("wb") as file:
        command = [*DEMO, "--rows", "1000"]
        demo = subprocess.Popen(command, env={**environment(tmp_path), "KEEP": "1"}, stdout=file, stderr=subprocess.STDOUT)
    try:
        until(lambda: "curl " in output.read_text() or demo.poll() is not None, limit_s=150)
        require_success(output.read_text())
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
    finally:
        demo.kill()
        demo.wait()
    assert list(tmp_path.iterdir()) == [output]


def test_what_the_services_wrote_is_kept_when_the_demo_fails(tmp_path: Path) -> None:
    command = [*DEMO, "--rows", "500", "--plain"]
    spoiled = {**environment(tmp_path), "ENTITIES_FILE": str(tmp_path / "none.toml")}
    done = subprocess.run(command, env=spoiled, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 1
    (folder,) = tmp_path.iterdir()
    assert f"kept in {folder}" in done.stderr
    assert any("none.toml" in log.read_text() for log in (folder / "var" / "logs").iterdir())
