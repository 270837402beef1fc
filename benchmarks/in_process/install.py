"""Install what a row compares with, by its lock and beside it: `node_modules` or `.venv`, which git ignores."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

_HERE = Path(__file__).resolve().parent
BASSMASTER, DRF = _HERE / "bassmaster", _HERE / "drf"
DRF_PYTHON = DRF / ".venv" / "bin" / "python"
_LIMIT_S = 300.0


def install_bassmaster() -> str | None:
    """Have npm install what the lock says; say why that cannot be done."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "node and npm are not installed (apt-get install nodejs npm)"
    commands = [[npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]]
    return _install(commands, folder=BASSMASTER, made=BASSMASTER / "node_modules", lock=BASSMASTER / "package-lock.json")


def install_drf() -> str | None:
    """Have pip install what the requirements say into an environment of its own; say why that cannot be done."""
    lock = DRF / "requirements.txt"
    commands = [
        [sys.executable, "-m", "venv", "--clear", str(DRF / ".venv")],
        [str(DRF_PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)],
    ]
    return _install(commands, folder=DRF, made=DRF / ".venv", lock=lock)


def _install(commands: Sequence[Sequence[str]], *, folder: Path, made: Path, lock: Path) -> str | None:
    wanted, stamp = sha256(lock.read_bytes()).hexdigest(), made / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return None
    print(f"Installing what {lock.relative_to(_HERE.parent.parent)} names ...", file=sys.stderr, flush=True)
    for command in commands:
        try:
            subprocess.run(
                command, cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=_LIMIT_S
            )
        except subprocess.TimeoutExpired:
            return f"{Path(command[0]).name} did not end within {_LIMIT_S:.0f} s; {lock.name} is to be installed"
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", "").strip() or str(error)
            return f"{Path(command[0]).name} could not install {lock.name}: {said.splitlines()[-1]}"
    stamp.write_text(wanted)
    return None
