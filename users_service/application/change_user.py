"""Change a user."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

from servicekit.ids import is_id
from users_service.application.answer_once import AnswerOnce
from users_service.domain.errors import UserNotFoundError
from users_service.domain.idempotency import Answer, IdempotencyKey, KeyedCall
from users_service.domain.password import Password, PasswordHash
from users_service.domain.ports import PasswordHasher, UserStore, UserWriter
from users_service.domain.user import Profile, ProfilePatch, User, conditions, require_version


@dataclass(frozen=True, slots=True)
class Change:
    """A patch or a whole profile, and a password unless None; for a user at one of `versions`, at any if None."""

    user_id: str
    profile: Profile | ProfilePatch
    password: Password | None = None
    versions: Set[int] | None = None


class ChangeUser:
    """Applies a change to a user's profile, in the transaction that read it."""

    def __init__(self, *, store: UserStore, hasher: PasswordHasher, once: AnswerOnce) -> None:
        self._store = store
        self._hasher = hasher
        self._once = once

    def __call__(self, change: Change, *, render: Callable[[User], Answer], key: IdempotencyKey | None = None) -> Answer:
        """Return what `render` makes of the user as changed, or the first answer again if there was one for this key.

        A change that changes nothing makes no new version.

        Raises:
            UserNotFoundError: there is none.
            VersionMismatchError: the user is at none of the versions.
            UsernameTakenError: the new name is taken.
            InvalidValueError: the changed profile breaks a rule.
            KeyReusedError: the key was used for another change.
            KeyInUseError: the first call with the key has not ended in time.
        """
        if not is_id(change.user_id):
            raise UserNotFoundError
        call = None if key is None else _call(key, change)
        return self._once(call, lambda: self._change(change, render=render, call=call))

    def _change(self, change: Change, *, render: Callable[[User], Answer], call: KeyedCall | None) -> Answer:
        new_hash = None if change.password is None else self._hash(change, change.password)
        with self._store.writing() as users:
            user = _write(users, change, new_hash)
            if call is not None:
                return self._once.keep(users, call, render(user), password_hash=new_hash)
        return render(user)

    def _hash(self, change: Change, password: Password) -> PasswordHash:
        # Looked up before, so that nothing slow is done for a user who is not there or has changed.
        with self._store.reading() as users:
            require_version(users.get(change.user_id), change.versions)
        return self._hasher.hash(password)


def _write(users: UserWriter, change: Change, new_hash: PasswordHash | None) -> User:
    user = users.get_locked(change.user_id)
    require_version(user, change.versions)
    profile = change.profile if isinstance(change.profile, Profile) else user.profile.patched(change.profile)
    if profile == user.profile and new_hash is None:
        return user
    return users.update(user, profile=profile, password_hash=new_hash)


def _call(key: IdempotencyKey, change: Change) -> KeyedCall:
    content: dict[str, Any] = conditions(change.versions)
    if isinstance(change.profile, Profile):
        operation, content["profile"] = "replace_user", change.profile.content()
    else:
        operation, content["patch"] = "update_user", change.profile
    return KeyedCall.of(key, f"{operation}:{change.user_id}", content, password=change.password)
