"""The Flask application of the batch service."""

from flask import Flask

from batch_service import bootstrap
from batch_service.api import batches, context, documents, entities, errors, jobs
from batch_service.settings import Settings, read_settings
from servicekit import api, compression, health
from servicekit.database import Database

DESCRIPTION = """Send many items to a REST API in one call.

`POST /batch/<entity>` takes an array of `{"method", "body"}`, calls the entity's own endpoints and answers with a response code
for each item: at once, or as a job that is polled at `GET /batch/jobs/<jobId>`. The paths without a version are those of v1."""


def create_app(settings: Settings | None = None, database: Database | None = None) -> Flask:
    """Make the application; raise RegistryError if the registry cannot be used."""
    settings = settings or read_settings()
    database = database or bootstrap.make_database(settings)
    wake_up = bootstrap.make_wake_up(settings)
    services = bootstrap.make_services(settings, database, wake_up)
    app = Flask(__name__, static_folder=None)
    api.init_app(app, max_body_bytes=settings.max_body_bytes)
    compression.init_app(app)
    errors.init_app(app)
    context.init_app(app, services)
    housekeeping = bootstrap.make_housekeeping(settings, database, wake_up)
    # At the first request, not here: a thread that is started before a fork does not live in the child.
    app.before_request(housekeeping.ensure_started)
    sealed_keys = bootstrap.make_sealed_keys(settings, database)

    def sealed_keys_are_right() -> bool:
        sealed_keys.check()
        return True

    health.init_app(
        app,
        {
            "database": database.check,
            "migrations": lambda: bootstrap.MIGRATIONS.is_current(database),
            "keyring": sealed_keys_are_right,
        },
    )
    v1 = api.VersionedApi(
        app,
        title="Batch service",
        path="v1",
        version="1.0.0",
        description=DESCRIPTION,
        additions=documents.ADDITIONS,
        retirement=settings.v1_retirement,
    )
    for blueprint in (batches.blueprint, jobs.blueprint, entities.blueprint):
        v1.serve(blueprint, at="/v1/batch", also_at="/batch")  # the paths without a version are v1 for ever
    return app
