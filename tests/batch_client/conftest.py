from collections.abc import Iterator

import pytest

from batch_client import BatchClient, Retries
from tests.batch_client.scripted import ScriptedService

IMPATIENT = Retries(longest_pause_s=0.01)


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    with ScriptedService() as service:
        yield service


@pytest.fixture
def client(service: ScriptedService) -> Iterator[BatchClient]:
    with BatchClient(service.url, retries=IMPATIENT) as client:
        yield client
