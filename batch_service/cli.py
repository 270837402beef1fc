"""The command `batch-service`."""

import sys

import click
from environs import EnvError

from batch_service import bootstrap, worker
from batch_service.app import create_app
from batch_service.domain.errors import KeyRingError, RegistryError
from batch_service.keyring_commands import keyring_group
from batch_service.settings import read_settings
from servicekit import server
from servicekit.cli import keys_group, migrate_command, openapi_command


def main() -> None:
    """Run the command; a setting, a registry or a key ring that makes no sense is one clear message and exit code 2."""
    try:
        settings = read_settings()
        database = bootstrap.make_database(settings)
        group = click.Group(help="The batch service: runs batches of calls against any REST API.")
        group.add_command(
            migrate_command(database, bootstrap.MIGRATIONS, then=lambda: bootstrap.prepare_keys(settings, database))
        )
        group.add_command(keys_group(database, bootstrap.API_KEYS))
        group.add_command(keyring_group(settings, database))
        group.add_command(openapi_command(lambda: create_app(settings)))

        @group.command()
        def serve() -> None:
            """Serve the HTTP API with gunicorn."""
            bootstrap.check_registry(settings)
            bootstrap.check_keys(settings, database)
            server.serve(
                lambda: create_app(settings),
                name="batch-service",
                host=settings.host,
                port=settings.port,
                workers=settings.workers,
                threads=settings.threads,
            )

        @group.command("worker")
        def run_worker() -> None:
            """Run the worker, which sends the items: a Celery worker where BROKER_URL is set."""
            if settings.broker_url is None:
                worker.main(settings)
            else:
                # Not above: it reads the environment when it is imported, as `celery -A` needs it.
                from batch_service import tasks  # noqa: PLC0415 - it reads the settings of a broker

                tasks.main()

        group()
    except (EnvError, RegistryError, KeyRingError, server.PublicAddressError) as error:
        sys.stderr.write(f"batch-service: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
