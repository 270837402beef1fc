"""Why the users service refuses; the docstring of an error is its message."""

from collections.abc import Collection


class UsersError(Exception):
    """The users service refused."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class UserNotFoundError(UsersError):
    """There is no user with this id."""


class UsernameTakenError(UsersError):
    """This username is taken."""


class VersionMismatchError(UsersError):
    """The user is no longer at the version that the request was made for; read it again."""


class WrongPasswordError(UsersError):
    """This is not the user's password."""


class InvalidKeyError(UsersError):
    """An Idempotency-Key has 8 to 255 of the characters A-Z a-z 0-9 _ : . - and may stand in double quotes."""


class KeyReusedError(UsersError):
    """This Idempotency-Key was used with another payload; send another key with this one."""


class KeyInUseError(UsersError):
    """The first call with this Idempotency-Key is still running; send the same call again."""


class KeysInUseError(Exception):
    """Some keys of many calls are kept already, or the wait for another transaction that keeps them took too long."""

    def __init__(self, keys: Collection[object]) -> None:
        super().__init__(self.__doc__)
        self.keys = frozenset(keys)


class InvalidValueError(UsersError):
    """A value breaks a rule of the domain: `field` names it, `path` leads to the place inside it."""

    def __init__(self, message: str, *, field: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.field = field
        self.path = path
