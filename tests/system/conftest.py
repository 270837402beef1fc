from collections.abc import Iterator

import pytest

from tests.system.ledger import Ledger


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger() as ledger:
        yield ledger
