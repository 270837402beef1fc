"""How often a call is made that may be made again, and how long one waits in between."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from batch_client.errors import BatchError, JobTimeoutError

Value = TypeVar("Value")
_FIRST_PAUSE_S = 0.5
_SHORTEST_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of `time.monotonic` after which nobody waits any more; None never comes."""

    at: float | None = None

    @classmethod
    def after(cls, timeout_s: float | None) -> "Deadline":
        """Count from now on."""
        return cls(None if timeout_s is None else time.monotonic() + timeout_s)

    def left_s(self, at_most: float) -> float:
        """How long it is still, `at_most` or less; never less than nothing."""
        return at_most if self.at is None else max(0.0, min(at_most, self.at - time.monotonic()))

    def pause(self, wanted_s: float) -> None:
        """Sleep, and not beyond the deadline; raise JobTimeoutError where it is over."""
        left_s = self.left_s(wanted_s)
        if left_s <= 0 and wanted_s > 0:
            raise JobTimeoutError("The job has not ended in time; it goes on.", code="timed_out")
        time.sleep(left_s)


NEVER = Deadline()


@dataclass(frozen=True, slots=True)
class Retries:
    """By default about half a minute of trying, enough for a service that starts again; one attempt is no retry."""

    attempts: int = 8
    longest_pause_s: float = 10.0
    on_pause: Callable[[BatchError, float], None] | None = None
    """Told why there is another attempt, and in how many seconds."""

    def run(self, call: Callable[[], Value], *, deadline: Deadline = NEVER) -> Value:
        """Make a call until it succeeds, is refused for good or has failed too often.

        Raises:
            BatchError: what the last attempt raised.
            JobTimeoutError: the deadline came first.
        """
        attempt = 1
        while True:
            try:
                return call()
            except BatchError as error:
                if not error.is_transient or attempt >= self.attempts:
                    raise
                self.pause(attempt, error, deadline)
            attempt += 1

    def pause(self, attempt: int, error: BatchError, deadline: Deadline = NEVER) -> None:
        """Wait after the n-th failure in a row, for as long as the service wants or, up to a limit, longer each time."""
        wanted_s = error.retry_after_s
        if wanted_s is None:
            # Not all senders that lost one service come back to it in the same moment.
            wanted_s = _FIRST_PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        pause_s = min(max(wanted_s, _SHORTEST_PAUSE_S), self.longest_pause_s)
        if self.on_pause is not None:
            self.on_pause(error, pause_s)
        deadline.pause(pause_s)


ONCE = Retries(attempts=1)
