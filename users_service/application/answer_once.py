"""Apply a call that has a key at most once, and repeat its first answer to whoever sends it again."""

from collections.abc import Callable
from dataclasses import replace

from users_service.application.purge_answers import PurgeAnswers
from users_service.domain.errors import KeyReusedError, UsersError
from users_service.domain.idempotency import Answer, KeptAnswer, KeyedCall
from users_service.domain.password import PasswordHash
from users_service.domain.ports import PasswordHasher, UserStore, UserWriter


class AnswerOnce:
    """Stands around the use cases that write.

    An answer is kept in the transaction that made it true, as its last statement, and the unique key of its table decides
    between twins: the later one waits, is undone, and repeats the answer of the first. Nothing is written before, so a crash
    leaves no key behind. A refusal changes nothing and is not kept.
    """

    def __init__(self, *, store: UserStore, hasher: PasswordHasher, purge: PurgeAnswers) -> None:
        self._store = store
        self._hasher = hasher
        self._purge = purge

    def __call__(self, call: KeyedCall | None, apply: Callable[[], Answer]) -> Answer:
        """Return the answer that is kept for a call, or else what `apply` answers; None is a call without a key.

        Raises:
            KeyReusedError: the key was used with another payload.
            KeyInUseError: the first call with the key has not ended in time.
            UsersError: what `apply` raises, unless there is an answer.
        """
        if call is None:
            return apply()
        # A look beforehand only where there is a slow hash to save: the usual call is a first one.
        first = None if call.password is None else self._find(call)
        if first is not None:
            return first
        try:
            return apply()
        except UsersError:
            # It may be a twin's doing: the name is taken, the version another, the user gone, because the twin was applied.
            first = self._find(call)
            if first is None:
                raise
            return first

    def keep(self, users: UserWriter, call: KeyedCall, answer: Answer, *, password_hash: PasswordHash | None = None) -> Answer:
        """Keep an answer in the transaction that made it true, and return it; raise KeyInUseError if a twin was faster.

        A hash is kept with it only if the call brought a password in clear, of which it was made.
        """
        users.keep_answer(call, answer, password_hash=None if call.password is None else password_hash)
        self._purge.now_and_then(users)
        return answer

    def _find(self, call: KeyedCall) -> Answer | None:
        with self._store.reading() as users:
            kept = users.find_answer(call)
        if kept is None:
            return None
        if not self._is_same(call, kept):
            raise KeyReusedError from None
        return replace(kept.answer, is_replayed=True)

    def _is_same(self, call: KeyedCall, kept: KeptAnswer) -> bool:
        if not kept.is_for(call):
            return False
        if call.password is None or kept.password_hash is None:
            return True
        return self._hasher.verify(call.password, kept.password_hash)
