"""What the use cases need from outside."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from users_service.domain.idempotency import Answer, AnsweredCall, IdempotencyKey, KeptAnswer, KeyedCall
from users_service.domain.password import Password, PasswordHash
from users_service.domain.user import NewUser, Profile, User


class UserReader(Protocol):
    """Users inside one transaction that only reads."""

    def get(self, user_id: str) -> User:
        """Return a user; raise UserNotFoundError."""

    def page(self, *, after_id: str | None, limit: int, username_key: str | None) -> Sequence[User]:
        """Return at most `limit` users in the order of their ids, those after one id, or the one of one name."""

    def password_hash(self, user_id: str) -> PasswordHash:
        """Return a user's hash; raise UserNotFoundError."""

    def find_answer(self, call: KeyedCall) -> KeptAnswer | None:
        """Return what is kept for the caller, the operation and the key of this call."""

    def find_answers(self, calls: Sequence[KeyedCall]) -> Mapping[IdempotencyKey, KeptAnswer]:
        """Return what is kept for these calls, which are of one caller and one operation."""


class UserWriter(UserReader, Protocol):
    """Users inside one transaction; what was written is durable when it ends without an error."""

    def get_locked(self, user_id: str) -> User:
        """Return a user whom no other transaction can change before this one ends; raise UserNotFoundError."""

    def add(self, *, user_id: str, profile: Profile, password_hash: PasswordHash) -> User:
        """Add a user; raise UsernameTakenError if the name is taken, which the database decides."""

    def add_many(self, wanted: Sequence[NewUser]) -> Sequence[User | None]:
        """Add those whose names are free, of two with one name the first; return for each the user, or None."""

    def update(self, user: User, *, profile: Profile, password_hash: PasswordHash | None = None) -> User:
        """Give a user a new profile and, unless None, a new hash; the next version.

        Raises:
            UsernameTakenError: the new name is taken.
            VersionMismatchError: the stored user is at another version than `user`.
        """

    def delete(self, user: User) -> None:
        """Delete a user; raise VersionMismatchError if the stored one is at another version or gone."""

    def replace_hash(self, user_id: str, *, old: PasswordHash, new: PasswordHash) -> bool:
        """Store another hash of the same password, as the same version; do nothing and say False if it is no longer `old`."""

    def keep_answer(self, call: KeyedCall, answer: Answer, *, password_hash: PasswordHash | None = None) -> None:
        """Keep the first answer to a call; wait for another transaction that keeps one for the same key.

        Raises:
            KeyInUseError: one is kept already, or the wait took too long; nothing of this transaction may stay.
        """

    def keep_answers(self, answered: Sequence[AnsweredCall]) -> None:
        """Keep the first answers to calls of different keys; wait as `keep_answer` does.

        Raises:
            KeysInUseError: which of them are kept already or could not be waited for; nothing of this transaction may stay.
        """

    def forget_answers(self, *, older_than_ms: int, limit: int) -> int:
        """Forget at most `limit` of the oldest answers, none that is younger than this; return how many."""


class UserStore(Protocol):
    """The users, a transaction at a time."""

    def reading(self) -> AbstractContextManager[UserReader]:
        """Begin a transaction that only reads."""

    def writing(self) -> AbstractContextManager[UserWriter]:
        """Begin a transaction that may write; an error in the block undoes it."""


class PasswordHasher(Protocol):
    """Slow by design: call it outside of any transaction."""

    def hash(self, password: Password) -> PasswordHash:
        """Hash with argon2id at the current cost."""

    def verify(self, password: Password, stored: PasswordHash) -> bool:
        """Say whether the hash is one of this password, by the hash's own algorithm."""

    def hash_many(self, passwords: Sequence[Password]) -> Sequence[PasswordHash]:
        """Hash each, on all the cores that hashing may take."""

    def verify_many(self, pairs: Sequence[tuple[Password, PasswordHash]]) -> Sequence[bool]:
        """Say of each pair whether the hash is one of the password, on all the cores that hashing may take."""

    def is_current(self, stored: PasswordHash) -> bool:
        """Say whether `hash` would make a hash of this algorithm and cost today."""
