"""Find the first answers to many calls that have keys, with one look and with as few slow comparisons as can be."""

from collections.abc import Mapping
from dataclasses import replace

from users_service.domain.errors import KeyReusedError, UsersError
from users_service.domain.idempotency import Answer, KeyedCall
from users_service.domain.ports import PasswordHasher, UserStore

Outcome = Answer | UsersError


class AnswerManyOnce:
    """What `AnswerOnce` finds for one call, for many of one caller and one operation."""

    def __init__(self, *, store: UserStore, hasher: PasswordHasher) -> None:
        self._store = store
        self._hasher = hasher

    def __call__(self, calls: Mapping[int, KeyedCall]) -> dict[int, Outcome]:
        """Return the kept answer, or KeyReusedError, for each call whose key was used; nothing for the others."""
        if not calls:
            return {}
        with self._store.reading() as users:
            kept = users.find_answers(list(calls.values()))
        found = {place: kept[call.key] for place, call in calls.items() if call.key in kept}
        same = {place for place, first in found.items() if first.is_for(calls[place])}
        pairs = {
            place: (password, made)
            for place in same
            if (password := calls[place].password) is not None and (made := found[place].password_hash) is not None
        }
        verified = self._hasher.verify_many(list(pairs.values()))
        same -= {place for place, is_right in zip(pairs, verified, strict=True) if not is_right}
        return {
            place: replace(first.answer, is_replayed=True) if place in same else KeyReusedError()
            for place, first in found.items()
        }
