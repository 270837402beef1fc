"""Read users, one or a page."""

from collections.abc import Sequence

from servicekit.ids import is_id
from users_service.domain.errors import UserNotFoundError
from users_service.domain.ports import UserStore
from users_service.domain.user import User
from users_service.domain.username import username_key


class ReadUsers:
    """Reads users without their hashes."""

    def __init__(self, *, store: UserStore) -> None:
        self._store = store

    def one(self, user_id: str) -> User:
        """Return a user; raise UserNotFoundError, also for what is no id."""
        if not is_id(user_id):
            raise UserNotFoundError
        with self._store.reading() as users:
            return users.get(user_id)

    def page(self, *, after_id: str | None, limit: int, username: str | None) -> tuple[Sequence[User], str | None]:
        """Return a page and the id that the next one continues after, None on the last."""
        key = None if username is None else username_key(username)
        with self._store.reading() as users:
            found = users.page(after_id=after_id, limit=limit + 1, username_key=key)
        page = found[:limit]
        return page, page[-1].id if len(found) > limit else None
