"""The command `users-service`."""

import sys

import click
from environs import EnvError

from servicekit import cli, server
from users_service.app import create_app
from users_service.application.purge_answers import PurgeAnswers
from users_service.bootstrap import API_KEYS, MIGRATIONS, wire
from users_service.settings import Settings, read_settings


def main() -> None:
    """Run the command; a setting that makes no sense is one clear message and exit code 2."""
    try:
        _run(read_settings())
    except (EnvError, server.PublicAddressError) as error:
        sys.stderr.write(f"users-service: {error}\n")
        sys.exit(2)


def _run(settings: Settings) -> None:
    services = wire(settings)
    group = click.Group("users-service", help="The users service; its settings come from the environment.")
    group.add_command(_serve_command(settings))
    group.add_command(cli.migrate_command(services.database, MIGRATIONS))
    group.add_command(_purge_command(services.use_cases.purge_answers))
    group.add_command(cli.keys_group(services.database, API_KEYS))
    group.add_command(cli.openapi_command(lambda: create_app(services)))
    try:
        group()
    finally:
        services.database.dispose()


def _purge_command(purge_answers: PurgeAnswers) -> click.Command:
    @click.command()
    def purge() -> None:
        """Forget the answers kept for idempotency keys whose time is over; a running service does so by and by."""
        click.echo(f"{purge_answers()} answers forgotten")

    return purge


def _serve_command(settings: Settings) -> click.Command:
    @click.command()
    def serve() -> None:
        """Serve HTTP until SIGTERM or SIGINT."""
        server.serve(
            lambda: create_app(wire(settings)),
            name="users-service",
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            threads=settings.threads,
        )

    return serve


if __name__ == "__main__":
    main()
