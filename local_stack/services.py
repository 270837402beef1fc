"""The programs of a stack: their commands and their environments."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local_stack.process import Command

HOST = "127.0.0.1"
_CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the two services and the worker are told; a database that is not named is a SQLite file in `var_dir`.

    Without a broker the worker is the embedded one.
    """

    var_dir: Path
    users_port: int
    batch_port: int
    users_database_url: str | None = None
    batch_database_url: str | None = None
    broker_url: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def users(self, name: str, *arguments: str) -> Command:
        """A command of the users service."""
        database = self.users_database_url or self._sqlite("users.db")
        return self._command(name, ["users_service.cli", *arguments], port=self.users_port, database=database)

    def batch(self, name: str, *arguments: str) -> Command:
        """A command of the batch service."""
        database = self.batch_database_url or self._sqlite("batch.db")
        return self._command(name, ["batch_service.cli", *arguments], port=self.batch_port, database=database)

    def _command(self, name: str, module: list[str], *, port: int, database: str) -> Command:
        environment = {
            "ENTITIES_FILE": str(_CHECKOUT / "entities.toml"),  # wherever the stack is started from
            **os.environ,
            **self.extra,
            "DATABASE_URL": database,
            "BROKER_URL": self.broker_url or "",
            "HOST": HOST,
            "PORT": str(port),
            "USERS_PORT": str(self.users_port),
            "BATCH_PORT": str(self.batch_port),
            "VAR_DIR": str(self.var_dir),
            "PYTHONUNBUFFERED": "1",
        }
        # By the interpreter and not by the scripts beside it: PATH does not matter then.
        return Command(name, [sys.executable, "-m", *module], environment)

    def _sqlite(self, name: str) -> str:
        return f"sqlite:///{self.var_dir / name}"
