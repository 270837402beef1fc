from pathlib import Path

import pytest

from tests.batch_client.commands.batchctl import Batchctl
from tests.batch_client.scripted import ScriptedService


@pytest.fixture
def batchctl(service: ScriptedService, tmp_path: Path) -> Batchctl:
    return Batchctl(service.url, tmp_path)
