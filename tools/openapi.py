"""Write the contract of each service under openapi/, and the page of the gate's rules.

With `--check`, compare instead, and exit 1 if a file differs.
"""

import difflib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.contract_gate import rules_page

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = {
    "users.v1.yaml": ("users_service", "v1"),
    "users.v2.yaml": ("users_service", "v2"),
    "batch.v1.yaml": ("batch_service", "v1"),
}


def served(package: str, version: str) -> str:
    """Return the contract that a service's code serves."""
    command = [sys.executable, "-m", f"{package}.cli", "openapi", version]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own words


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every file that is written from code, and what stands in it."""
    for name, (package, version) in CONTRACTS.items():
        yield ROOT / "openapi" / name, served(package, version)
    yield ROOT / "docs" / "contract-rules.md", rules_page.page()


def main(*, check: bool) -> int:
    """Write or compare every file; return the exit code."""
    differs = False
    for path, text in pages():
        if not check:
            path.write_text(text)
        elif (committed := path.read_text() if path.exists() else "") != text:
            differs = True
            lines = committed.splitlines(keepends=True), text.splitlines(keepends=True)
            sys.stdout.writelines(difflib.unified_diff(*lines, str(path.relative_to(ROOT)), "what the code says"))
    if differs:
        sys.stdout.write("The files differ from the code: look at the difference, then run make openapi.\n")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
