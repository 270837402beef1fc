"""Check a user's password."""

from servicekit.ids import is_id
from users_service.domain.errors import UserNotFoundError, WrongPasswordError
from users_service.domain.password import Password
from users_service.domain.ports import PasswordHasher, UserStore


class CheckPassword:
    """Proves a password, and brings the stored hash up to date when it is right."""

    def __init__(self, *, store: UserStore, hasher: PasswordHasher) -> None:
        self._store = store
        self._hasher = hasher

    def __call__(self, user_id: str, password: Password) -> None:
        """Return if this is the password; raise UserNotFoundError or WrongPasswordError."""
        if not is_id(user_id):
            raise UserNotFoundError
        with self._store.reading() as users:
            stored = users.password_hash(user_id)
        if not self._hasher.verify(password, stored):
            raise WrongPasswordError
        if not self._hasher.is_current(stored):
            renewed = self._hasher.hash(password)
            with self._store.writing() as writer:
                writer.replace_hash(user_id, old=stored, new=renewed)
