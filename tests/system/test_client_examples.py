"""What the client's docstrings and its page show, had with services that run."""

import doctest
import re
import subprocess
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import pytest

from batch_client import BatchClient, as_completed
from tests.system.stack import running

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "batchctl.md"
MODULES = ("client", "batch", "job", "as_completed")
_BETWEEN = "\x1e"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    with running(tmp_path_factory.mktemp("stack")) as environment:
        yield environment


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_docstrings(name: str, stack: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("BATCH_URL", "BATCH_API_KEY"):
        monkeypatch.setenv(variable, stack[variable])
    module = import_module(f"batch_client.{name}")
    with BatchClient.from_environment() as client:
        names = {"client": client, "BatchClient": BatchClient, "as_completed": as_completed}
        found = doctest.DocTestFinder(exclude_empty=True).find(module, globs=names)
        ran = doctest.DocTestRunner()
        assert sum(ran.run(example).attempted for example in found) > 0
        assert ran.summarize(verbose=False).failed == 0


def sessions(page: str) -> list[tuple[str, str]]:
    """The commands of the page in their order, each with what it prints."""
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    steps = [step for block in blocks for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [_divided(step) for step in steps]


def _divided(step: str) -> tuple[str, str]:
    lines = step.splitlines()
    size = next(at for at, line in enumerate(lines, 1) if not line.endswith("\\"))
    return "\n".join(lines[:size]), "\n".join(lines[size:])


def test_the_commands_of_the_page(stack: Mapping[str, str], tmp_path: Path) -> None:
    steps = [step for step in sessions(PAGE.read_text()) if not step[0].startswith("export BATCH_URL=")]
    assert len(steps) > 15
    script = "".join(f"{command}\nthe_code=$?; printf '\\x1e'; (exit $the_code)\n" for command, _ in steps)
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**stack, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    printed = ran.stdout.split(_BETWEEN)[:-1]
    for (command, expected), actual in zip(steps, printed, strict=True):
        pattern = re.escape(expected).replace("…", ".*")
        assert re.fullmatch(pattern, actual.strip()), f"$ {command}\n{actual}"
