"""What a broker's worker does beside its messages: look by itself, now and then, so that no message is ever needed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from batch_service.application.work import Work


@dataclass(frozen=True, slots=True)
class LookForWork:
    """Takes up what is free where no message does: the broker is away, or a message was lost."""

    work: Work
    stopping: Callable[[], bool]

    def __call__(self) -> None:
        """Run what can be claimed, on as many slots as are free; return when there is nothing more."""
        with ThreadPoolExecutor(self.work.slots.total, thread_name_prefix="unasked") as pool:
            for _ in range(self.work.slots.total):
                pool.submit(self.work.drain, self.stopping)
