"""Every fault of the suite, in the order of its table."""

from tests.faults import kills
from tests.faults.fault import Fault

FAULTS: tuple[Fault, ...] = (*kills.FAULTS,)
