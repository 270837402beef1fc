"""Create a user."""

from servicekit.ids import new_id
from users_service.domain.password import Password, PasswordHash
from users_service.domain.ports import PasswordHasher, UserStore
from users_service.domain.user import Profile, User


class CreateUser:
    """Adds one user, with a password to hash or with a hash from elsewhere."""

    def __init__(self, *, store: UserStore, hasher: PasswordHasher) -> None:
        self._store = store
        self._hasher = hasher

    def __call__(self, profile: Profile, credential: Password | PasswordHash) -> User:
        """Return the new user; raise UsernameTakenError."""
        stored = self._hasher.hash(credential) if isinstance(credential, Password) else credential
        with self._store.writing() as users:
            return users.add(user_id=new_id(), profile=profile, password_hash=stored)
