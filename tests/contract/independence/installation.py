"""One service in an environment of its own: its wheel, and the distributions that the wheel asks for, and no others.

They are taken from the environment of the tests, where they are those of the lock, so that nothing is fetched.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.wheels import PARTS, build

_PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


class Installation:
    """A virtual environment with the wheel of one part in it."""

    def __init__(self, part: str, folder: Path) -> None:
        self.folder = folder / "venv"
        self.python = self.folder / "bin" / "python"
        wheels = folder / "wheels"
        wheels.mkdir()
        build(next(each for each in PARTS if each.name == part), into=wheels)
        (wheel,) = wheels.glob("*.whl")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.folder)], check=True)
        install = ["--python", str(self.python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
        subprocess.run([*_PIP, *install], check=True, env=self.environment)
        self.distributions = {part, *self._bring(self._required(part))}

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that sees nothing of the tests' own."""
        hidden = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
        return {name: value for name, value in os.environ.items() if name not in hidden}

    def command(self, name: str) -> tuple[str, ...]:
        """Return the command that the wheel brings."""
        return (str(self.folder / "bin" / name),)

    def can_import(self, module: str) -> bool:
        ran = subprocess.run(
            [self.python, "-I", "-c", f"import {module}"], env=self.environment, capture_output=True, check=False
        )
        return ran.returncode == 0

    def _site(self) -> Path:
        return next(self.folder.glob("lib/python*/site-packages"))

    def _required(self, part: str) -> Iterator[Requirement]:
        (metadata,) = self._site().glob(f"{part.replace('-', '_')}-*.dist-info")
        return _requirements(Distribution.at(metadata), frozenset())

    def _bring(self, wanted: Iterator[Requirement]) -> set[str]:
        brought: set[tuple[str, str]] = set()
        rest = list(wanted)
        while rest:
            requirement = rest.pop()
            for extra in ("", *requirement.extras):
                key = (canonicalize_name(requirement.name), extra)
                if key not in brought:
                    brought.add(key)
                    found = distribution(requirement.name)
                    rest += _requirements(found, frozenset({extra}))
                    if not extra:
                        _link(found, self._site())
        return {name for name, _ in brought}


def _requirements(of: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for requirement in map(Requirement, of.requires or ()):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""}):
            yield requirement


def _link(found: Distribution, site: Path) -> None:
    """Give a distribution's files a second name, or copy them."""
    root = Path(sysconfig.get_path("purelib"))
    for file in found.files or ():
        source = Path(str(found.locate_file(file))).resolve()
        if not source.is_relative_to(root) or not source.exists():
            continue  # a command: none is needed
        target = site / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            try:
                os.link(source, target)
            except OSError:  # another file system
                shutil.copy2(source, target)
