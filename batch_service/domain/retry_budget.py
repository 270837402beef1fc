"""How many second attempts a target is sent: a share of what it answers, so that an outage is not multiplied.

After the retry throttling of gRPC (proposal A6): successes earn tokens, retries spend them. A retry without a token waits for
one; a few a second are always to be had, or a target of which nothing is asked but retries would never be asked again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

_TOKENS_A_SUCCESS = 0.2
_TOKENS_A_SECOND = 10.0
_MOST_TOKENS = 100.0


@dataclass(slots=True)
class RetryBudget:
    """The tokens of one worker for one target; not for several threads at once."""

    clock: Callable[[], float] = time.monotonic
    _tokens: float = _MOST_TOKENS
    _counted_at: float = float("-inf")

    def earn(self) -> None:
        """Count a success."""
        self._tokens = min(_MOST_TOKENS, self._tokens + _TOKENS_A_SUCCESS)

    def spend(self) -> bool:
        """Take a token for one retry; False if there is none."""
        now = self.clock()
        self._tokens = min(_MOST_TOKENS, self._tokens + _TOKENS_A_SECOND * (now - self._counted_at))
        self._counted_at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True
