"""Change a user."""

from collections.abc import Callable, Set

from servicekit.ids import is_id
from users_service.domain.errors import UserNotFoundError
from users_service.domain.password import Password, PasswordHash
from users_service.domain.ports import PasswordHasher, UserStore
from users_service.domain.user import Profile, User, require_version


class ChangeUser:
    """Applies a change to a user's profile, in the transaction that read it."""

    def __init__(self, *, store: UserStore, hasher: PasswordHasher) -> None:
        self._store = store
        self._hasher = hasher

    def __call__(
        self,
        user_id: str,
        change: Callable[[Profile], Profile],
        *,
        password: Password | None = None,
        versions: Set[int] | None = None,
    ) -> User:
        """Return the user as changed; a change that changes nothing makes no new version.

        Raises:
            UserNotFoundError: there is none.
            VersionMismatchError: the user is at none of `versions` (None: any will do).
            UsernameTakenError: the new name is taken.
            InvalidValueError: the changed profile breaks a rule.
        """
        if not is_id(user_id):
            raise UserNotFoundError
        new_hash = None if password is None else self._hash(user_id, password, versions)
        with self._store.writing() as users:
            user = users.get_locked(user_id)
            require_version(user, versions)
            profile = change(user.profile)
            if profile == user.profile and new_hash is None:
                return user
            return users.update(user, profile=profile, password_hash=new_hash)

    def _hash(self, user_id: str, password: Password, versions: Set[int] | None) -> PasswordHash:
        # Looked up before, so that nothing slow is done for a user who is not there or has changed.
        with self._store.reading() as users:
            require_version(users.get(user_id), versions)
        return self._hasher.hash(password)
