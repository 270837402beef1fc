"""`python -m tools.contract_gate check|release`."""

import sys
from pathlib import Path

from tools.contract_gate.gate import Contracts, ReleaseError

ROOT = Path(__file__).resolve().parent.parent.parent


def main(command: str) -> int:
    """Check or publish; return the exit code."""
    contracts = Contracts(ROOT / "openapi")
    if command == "check":
        is_good, words = contracts.check()
        sys.stdout.write(words)
        return 0 if is_good else 1
    try:
        published = contracts.release()
    except ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"published {path.relative_to(ROOT)}\n" for path in published)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
