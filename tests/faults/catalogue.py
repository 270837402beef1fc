"""Every fault of the suite, in the order of its table. A new one is a function, a `Fault`, and its file's line here."""

from tests.faults import bad_answers, brokers, clocks, cuts, fsyncs, kills, pauses, storage, sweeps
from tests.faults.fault import Fault

FAULTS: tuple[Fault, ...] = (
    *kills.FAULTS,
    *fsyncs.FAULTS,
    *cuts.FAULTS,
    *bad_answers.FAULTS,
    *pauses.FAULTS,
    *sweeps.FAULTS,
    *clocks.FAULTS,
    *storage.FAULTS,
    *brokers.FAULTS,
)
