from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from users_service.app import create_app
from users_service.bootstrap import MIGRATIONS, Services, wire
from users_service.settings import Settings


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Hashing as cheap as the library allows: what is tested is not its strength."""
    return Settings(
        database_url=database_url,
        host="127.0.0.1",
        port=8001,
        workers=1,
        threads=1,
        argon2_memory_kib=32,
        argon2_time_cost=1,
        argon2_parallelism=1,
        hash_concurrency=4,
        idempotency_retention_s=86_400,
    )


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    services = wire(settings)
    MIGRATIONS.upgrade(services.database)
    yield services
    services.database.dispose()


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
