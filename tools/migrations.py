"""Say whether the migrations of each service make the tables that its code has; exit 1 if they do not."""

import importlib
import sys
import tempfile

from servicekit.database import Database

PACKAGES = ("users_service", "batch_service")


def differences(package: str) -> list[object]:
    """Migrate an empty database and list what differs from the tables in the code."""
    bootstrap = importlib.import_module(f"{package}.bootstrap")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        bootstrap.MIGRATIONS.upgrade(database)
        found: list[object] = bootstrap.MIGRATIONS.differences(database, bootstrap.METADATA)
        database.dispose()
    return found


if __name__ == "__main__":
    wrong = [f"{package}: {difference}\n" for package in PACKAGES for difference in differences(package)]
    sys.stdout.writelines(wrong)
    sys.exit(1 if wrong else 0)
