"""Forget the answers that were kept for calls with a key, when their time is over."""

from itertools import count, islice

from users_service.domain.ports import UserStore, UserWriter

# Four are forgotten for each that is kept, at most, so that the purge keeps up with any load and no call waits long for it.
_EVERY = 50
_AT_MOST = 200
_AT_ONCE = 1000


class PurgeAnswers:
    """Keeps answers for `retention_ms`, and little longer."""

    def __init__(self, *, store: UserStore, retention_ms: int) -> None:
        self._store = store
        self._retention_ms = retention_ms
        self._turns = count()

    def __call__(self) -> int:
        """Forget every answer whose time is over, in short transactions; return how many."""
        forgotten, last = 0, _AT_ONCE
        while last == _AT_ONCE:
            with self._store.writing() as users:
                last = users.forget_answers(older_than_ms=self._retention_ms, limit=_AT_ONCE)
            forgotten += last
        return forgotten

    def now_and_then(self, users: UserWriter, *, kept: int = 1) -> None:
        """Forget a few in a transaction that keeps answers anyway, once in so many of them and at a process's first."""
        due = sum(turn % _EVERY == 0 for turn in islice(self._turns, kept))
        if due:
            users.forget_answers(older_than_ms=self._retention_ms, limit=due * _AT_MOST)
