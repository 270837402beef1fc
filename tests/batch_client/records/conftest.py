from pathlib import Path

import pytest

from tests.batch_client.records.reading import File


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path)
