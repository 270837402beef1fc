"""Delete a user."""

from collections.abc import Callable, Set

from servicekit.ids import is_id
from users_service.application.answer_once import AnswerOnce
from users_service.domain.errors import UserNotFoundError
from users_service.domain.idempotency import Answer, IdempotencyKey, KeyedCall
from users_service.domain.ports import UserStore
from users_service.domain.user import conditions, require_version


class DeleteUser:
    """Deletes a user and the hash with it."""

    def __init__(self, *, store: UserStore, once: AnswerOnce) -> None:
        self._store = store
        self._once = once

    def __call__(
        self,
        user_id: str,
        *,
        render: Callable[[], Answer],
        versions: Set[int] | None = None,
        key: IdempotencyKey | None = None,
    ) -> Answer:
        """Return what `render` makes of it, or the first answer again if there was one for this key.

        Raises:
            UserNotFoundError: there is none.
            VersionMismatchError: the user is at none of `versions` (None: any will do).
            KeyReusedError: the key was used with other `versions`.
            KeyInUseError: the first call with the key has not ended in time.
        """
        if not is_id(user_id):
            raise UserNotFoundError
        call = None if key is None else KeyedCall.of(key, f"delete_user:{user_id}", conditions(versions))
        return self._once(call, lambda: self._delete(user_id, render=render, versions=versions, call=call))

    def _delete(
        self, user_id: str, *, render: Callable[[], Answer], versions: Set[int] | None, call: KeyedCall | None
    ) -> Answer:
        with self._store.writing() as users:
            user = users.get_locked(user_id)
            require_version(user, versions)
            users.delete(user)
            if call is not None:
                return self._once.keep(users, call, render())
        return render()
