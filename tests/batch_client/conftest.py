from collections.abc import Iterator

import pytest

from batch_client import BatchClient
from tests.batch_client.scripted import ScriptedService


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    with ScriptedService() as service:
        yield service


@pytest.fixture
def client(service: ScriptedService) -> Iterator[BatchClient]:
    with BatchClient(service.url) as client:
        yield client
