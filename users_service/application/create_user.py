"""Create a user."""

from collections.abc import Callable

from servicekit.ids import new_id
from users_service.application.answer_once import AnswerOnce
from users_service.domain.idempotency import Answer, IdempotencyKey, KeyedCall
from users_service.domain.password import Password, PasswordHash
from users_service.domain.ports import PasswordHasher, UserStore
from users_service.domain.user import Profile, User


class CreateUser:
    """Adds one user, with a password to hash or with a hash from elsewhere."""

    def __init__(self, *, store: UserStore, hasher: PasswordHasher, once: AnswerOnce) -> None:
        self._store = store
        self._hasher = hasher
        self._once = once

    def __call__(
        self,
        profile: Profile,
        credential: Password | PasswordHash,
        *,
        render: Callable[[User], Answer],
        key: IdempotencyKey | None = None,
    ) -> Answer:
        """Return what `render` makes of the new user, or the first answer again if there was one for this key.

        Raises:
            UsernameTakenError: another user has the name.
            KeyReusedError: the key was used for another user.
            KeyInUseError: the first call with the key has not ended in time.
        """
        call = None if key is None else creation_call(key, profile, credential)
        return self._once(call, lambda: self._create(profile, credential, render=render, call=call))

    def _create(
        self,
        profile: Profile,
        credential: Password | PasswordHash,
        *,
        render: Callable[[User], Answer],
        call: KeyedCall | None,
    ) -> Answer:
        stored = self._hasher.hash(credential) if isinstance(credential, Password) else credential
        with self._store.writing() as users:
            user = users.add(user_id=new_id(), profile=profile, password_hash=stored)
            if call is not None:
                return self._once.keep(users, call, render(user), password_hash=stored)
        return render(user)


def creation_call(key: IdempotencyKey, profile: Profile, credential: Password | PasswordHash) -> KeyedCall:
    """Name the creation of this user; it is the same call through whichever door it comes."""
    content = {"profile": profile.content()}
    if isinstance(credential, Password):
        return KeyedCall.of(key, "create_user", content, password=credential)
    return KeyedCall.of(key, "create_user", {**content, "hash": [credential.algorithm, credential.value]})
