"""Delete a user."""

from collections.abc import Set

from servicekit.ids import is_id
from users_service.domain.errors import UserNotFoundError
from users_service.domain.ports import UserStore
from users_service.domain.user import require_version


class DeleteUser:
    """Deletes a user and the hash with it."""

    def __init__(self, *, store: UserStore) -> None:
        self._store = store

    def __call__(self, user_id: str, *, versions: Set[int] | None = None) -> None:
        """Delete; raise UserNotFoundError, or VersionMismatchError if the user is at none of `versions`."""
        if not is_id(user_id):
            raise UserNotFoundError
        with self._store.writing() as users:
            user = users.get_locked(user_id)
            require_version(user, versions)
            users.delete(user)
