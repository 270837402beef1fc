"""Build one wheel a part: each service with servicekit, its own migrations and its own contract, and the client alone.

`python tools/wheels.py dist` writes them to `dist/`. An image then installs one file and holds nothing of the other parts. The
metadata is that of setup.cfg, with the part's extras as its dependencies.
"""

import configparser
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Part:
    """What goes into one wheel."""

    name: str
    packages: tuple[str, ...]
    extras: tuple[str, ...]
    migrations: str | None = None
    contracts: str | None = None
    command: str | None = None


PARTS = (
    Part("rest-batch-users", ("users_service", "servicekit"), ("servicekit", "users"), "users", "users.*", "users-service"),
    Part("rest-batch-service", ("batch_service", "servicekit"), ("servicekit", "batch"), "batch", "batch.*", "batch-service"),
    Part("rest-batch-client", ("batch_client",), ("client",), command="batchctl"),
)


def build(part: Part, *, into: Path) -> None:
    """Lay the part out in a folder of its own and build its wheel there."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        for package in part.packages:
            shutil.copytree(ROOT / package, stage / package, ignore=shutil.ignore_patterns("__pycache__"))
        main = stage / part.packages[0]
        if part.migrations:
            history = ROOT / "migrations" / part.migrations
            shutil.copytree(history, main / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
        for contract in sorted((ROOT / "openapi").glob(part.contracts or "")) if part.contracts else ():
            (main / "contracts").mkdir(exist_ok=True)
            shutil.copy(contract, main / "contracts")
        for name in ("LICENSE", "README.md", "pyproject.toml"):
            shutil.copy(ROOT / name, stage)
        with (stage / "setup.cfg").open("w") as file:
            _metadata(part).write(file)
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(into.resolve()), str(stage)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words alone


def _metadata(part: Part) -> configparser.ConfigParser:
    project = configparser.ConfigParser(interpolation=None)
    project.read(ROOT / "setup.cfg")
    wheel = configparser.ConfigParser(interpolation=None)
    wheel["metadata"] = {**project["metadata"], "name": part.name}
    wheel["options"] = {
        "python_requires": project["options"]["python_requires"],
        "packages": "find_namespace:",
        "include_package_data": "False",
        "install_requires": "".join(f"\n{line}" for line in _requirements(project, part.extras)),
    }
    wheel["options.packages.find"] = {"include": "".join(f"\n{name}*" for name in part.packages)}
    wheel["options.package_data"] = {"*": "py.typed, *.yaml, *.mako"}
    if part.command:
        entry = f"\n{part.command} = {part.packages[0]}.cli:main"
        wheel["options.entry_points"] = {"console_scripts": entry}
    return wheel


def _requirements(project: configparser.ConfigParser, extras: tuple[str, ...]) -> list[str]:
    lines = [line for extra in extras for line in project["options.extras_require"][extra].splitlines()]
    return [line for line in lines if line and not line.startswith("rest-batch[")]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for each in PARTS:
        build(each, into=target)
    sys.stdout.write("".join(f"{wheel}\n" for wheel in sorted(target.glob("*.whl"))))
