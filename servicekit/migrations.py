"""Alembic without an ini file: each service owns one history and one database."""

from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from servicekit.database import Database


class Migrations:
    """The history of one service: `migrations/<name>` in a checkout, `<package>/migrations` in its wheel."""

    def __init__(self, *, package: str, name: str) -> None:
        installed = Path(str(files(package))) / "migrations"
        checkout = Path(str(files(package))).parent / "migrations" / name
        self._config = Config()
        self._config.set_main_option("script_location", str(installed if installed.is_dir() else checkout))

    def upgrade(self, database: Database) -> None:
        """Bring the database to the newest revision; many processes may ask at once, one does it."""
        with database.writing() as connection:
            if not database.is_sqlite:
                connection.execute(sa.text("SET LOCAL lock_timeout = 0"))  # whoever is before may take long
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('migrations'))"))
            self._config.attributes["connection"] = connection
            command.upgrade(self._config, "head")

    def downgrade(self, database: Database, revision: str = "base") -> None:
        """Take the database back to a revision; to before the first, where none is named."""
        with database.writing() as connection:
            self._config.attributes["connection"] = connection
            command.downgrade(self._config, revision)

    def is_current(self, database: Database) -> bool:
        """Say whether the database is at the newest revision."""
        with database.reading() as connection:
            at = MigrationContext.configure(connection).get_current_revision()
        return at == ScriptDirectory.from_config(self._config).get_current_head()

    def revise(self, database: Database, metadata: sa.MetaData, message: str) -> None:
        """Write the next revision from the difference between the tables in the code and the database."""
        with database.writing() as connection:
            self._config.attributes.update(connection=connection, target_metadata=metadata)
            command.revision(self._config, message, autogenerate=True)

    def differences(self, database: Database, metadata: sa.MetaData) -> list[object]:
        """List what differs between a migrated database and the tables in the code."""
        with database.reading() as connection:
            options = {"compare_type": True, "compare_server_default": True}
            return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def run_env() -> None:
    """What every `env.py` does: run the revisions on the connection that `Migrations` opened."""
    attributes = context.config.attributes
    context.configure(connection=attributes["connection"], target_metadata=attributes.get("target_metadata"))
    with context.begin_transaction():
        context.run_migrations()
