import subprocess
from pathlib import Path

import pytest

from tests.batch_client.commands.batchctl import ENTITIES, Batchctl, document
from tests.batch_client.scripted import Answer, ScriptedService


def completed(batchctl: Batchctl, line: str) -> list[str]:
    words = line.split(" ")
    environment = {"_BATCHCTL_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return [offer.partition(",")[2] for offer in batchctl(environment=environment).out.split()]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(batchctl: Batchctl, shell: str) -> None:
    done = batchctl("completion", shell)
    assert done.code == 0
    assert "_BATCHCTL_COMPLETE" in done.out


def test_the_script_is_one(batchctl: Batchctl, tmp_path: Path) -> None:
    script = tmp_path / "completion"
    script.write_text(batchctl("completion", "bash").out)
    asked = subprocess.run(
        ["bash", "-c", f". {script}; complete -p batchctl"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "_batchctl_completion batchctl" in asked.stdout


def test_another_shell_is_refused(batchctl: Batchctl) -> None:
    assert batchctl("completion", "cmd").code == 2


def test_what_the_service_knows_is_offered(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES] * 2
    assert completed(batchctl, "batchctl import us") == ["users"]
    assert completed(batchctl, "batchctl import x") == []
    service.answers += [Answer(200, {"jobs": [document("running"), document("failed", job_id="k1")], "next": None})]
    assert completed(batchctl, "batchctl jobs watch ") == ["j1", "k1"]


def test_commands_are_offered(batchctl: Batchctl) -> None:
    assert completed(batchctl, "batchctl jobs re") == ["results", "retry"]


@pytest.mark.parametrize(
    "environment",
    [{"BATCH_URL": "nonsense"}, {"BATCH_URL": "http://127.0.0.1:1"}, {"BATCH_API_KEY_FILE": "nowhere"}],
)
def test_where_nothing_can_be_asked_nothing_is_offered(batchctl: Batchctl, environment: dict[str, str]) -> None:
    batchctl.environment.update(environment)
    assert completed(batchctl, "batchctl import u") == []
