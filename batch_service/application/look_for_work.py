"""What a broker's worker does beside its messages: look by itself, now and then, so that no message is ever needed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from batch_service.application.work import Work
from batch_service.domain.chunk import Claim


class LookForWork:
    """Takes up what is free where no message does: the broker is away, or a message was lost."""

    def __init__(self, work: Work, stopping: Callable[[], bool]) -> None:
        self._work = work
        self._stopping = stopping
        # Not daemons: the process ends when what they run has ended or was handed back.
        self._pool = ThreadPoolExecutor(work.slots.total, thread_name_prefix="unasked")

    def __call__(self) -> None:
        """Begin what can be claimed, on slots that are free, and return: what hangs must not keep the next look waiting."""
        while not self._stopping() and (claim := self._work.claim()) is not None:
            self._pool.submit(self._go_on_from, claim)

    def _go_on_from(self, claim: Claim) -> None:
        self._work.run(claim, self._stopping)
        self._work.drain(self._stopping)
